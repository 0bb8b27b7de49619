/** What the query string of a list page says. */
export interface Selection {
  status?: string;
  cursor?: string;
}

const link = (path: string, { status, cursor }: Selection): string => {
  const query = new URLSearchParams({ ...(status && { status }), ...(cursor && { cursor }) }).toString();
  return query ? `${path}?${query}` : path;
};

/** One link per status; `undefined` is "all". */
export const StatusTabs = <S extends string>(props: {
  path: string;
  names: [status: S | undefined, name: string][];
  current: S | undefined;
}) => (
  <nav class="tabs" aria-label="Status">
    {props.names.map(([status, name]) => (
      <a
        href={link(props.path, status ? { status } : {})}
        aria-current={status === props.current ? "page" : undefined}
      >
        {name}
      </a>
    ))}
  </nav>
);

export const Pager = (props: { path: string; selection: Selection; nextCursor: string | null }) => {
  const { path, selection, nextCursor } = props;
  if (!nextCursor && !selection.cursor) return null;
  const first = { ...(selection.status && { status: selection.status }) };
  return (
    <nav class="pager" aria-label="Pages">
      {selection.cursor && (
        <a class="button" href={link(path, first)}>
          Back to the first page
        </a>
      )}
      {nextCursor && (
        <a class="button" rel="next" href={link(path, { ...first, cursor: nextCursor })}>
          Next page
        </a>
      )}
    </nav>
  );
};
