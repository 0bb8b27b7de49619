/** Parameters of a list page. */
export type Selection = Partial<Record<"status" | "entity" | "actor" | "job" | "cursor", string>>;

/** `/audit?entity=contact_…` */
export const link = (path: string, selection: Selection): string => {
  const query = new URLSearchParams(selection).toString();
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
  const { path, nextCursor } = props;
  const { cursor, ...first } = props.selection;
  if (!nextCursor && !cursor) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {cursor && (
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
