import ts from "typescript";

/** One small change of a source file. */
export interface Mutant {
  file: string;
  line: number;
  /** What is changed, in words. */
  kind: string;
  start: number;
  end: number;
  replacement: string;
  original: string;
}

type Change = Pick<Mutant, "kind" | "replacement">;

const FLIPPED: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, "<="],
  [ts.SyntaxKind.LessThanEqualsToken, "<"],
  [ts.SyntaxKind.GreaterThanToken, ">="],
  [ts.SyntaxKind.GreaterThanEqualsToken, ">"],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [ts.SyntaxKind.AmpersandAmpersandToken, "||"],
  [ts.SyntaxKind.BarBarToken, "&&"],
  [ts.SyntaxKind.PlusToken, "-"],
  [ts.SyntaxKind.MinusToken, "+"],
  [ts.SyntaxKind.AsteriskToken, "/"],
  [ts.SyntaxKind.SlashToken, "*"],
]);

const OPPOSITE: ReadonlyMap<string, string> = new Map([
  ["some", "every"],
  ["every", "some"],
  ["min", "max"],
  ["max", "min"],
]);

/** Every mutant of a source, in source order. Types, imports and property names are not changed. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const kind = file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, true, kind);
  const mutants: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    if (isInert(node)) return;
    const [start, end] = [node.getStart(tree), node.getEnd()];
    const line = tree.getLineAndCharacterOfPosition(start).line + 1;
    for (const change of changesOf(node, tree)) {
      mutants.push({ file, line, start, end, original: source.slice(start, end), ...change });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return mutants;
}

export const applied = (source: string, { start, end, replacement }: Mutant): string =>
  source.slice(0, start) + replacement + source.slice(end);

const isInert = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node);

function changesOf(node: ts.Node, tree: ts.SourceFile): Change[] {
  if (ts.isBinaryExpression(node)) return binary(node, tree);
  if (ts.isIfStatement(node)) return branch(node, tree);
  if (ts.isConditionalExpression(node)) return [choice(node, tree)];
  if (ts.isPrefixUnaryExpression(node)) return prefix(node, tree);
  if (ts.isStatement(node)) return statement(node);
  if (ts.isCallExpression(node)) return call(node, tree);
  return literal(node);
}

function binary({ left, operatorToken, right }: ts.BinaryExpression, tree: ts.SourceFile): Change[] {
  const [one, other] = [left.getText(tree), right.getText(tree)];
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return [{ kind: "drops the default", replacement: one }];
  const flipped = FLIPPED.get(operatorToken.kind);
  const joinsText = [left, right].some(ts.isStringLiteralLike);
  if (!flipped || joinsText) return [];
  const replacement = `${one} ${flipped} ${other}`;
  return [{ kind: `${operatorToken.getText(tree)} becomes ${flipped}`, replacement }];
}

function branch(node: ts.IfStatement, tree: ts.SourceFile): Change[] {
  const condition = node.expression.getText(tree);
  const rest = tree.text.slice(node.expression.getEnd(), node.getEnd());
  const negated = { kind: "negates the condition", replacement: `if (!(${condition})${rest}` };
  return node.elseStatement ? [negated] : [negated, { kind: "drops the guard", replacement: ";" }];
}

function choice(node: ts.ConditionalExpression, tree: ts.SourceFile): Change {
  const rest = tree.text.slice(node.condition.getEnd(), node.getEnd());
  return { kind: "negates the condition", replacement: `!(${node.condition.getText(tree)})${rest}` };
}

const prefix = (node: ts.PrefixUnaryExpression, tree: ts.SourceFile): Change[] =>
  node.operator === ts.SyntaxKind.ExclamationToken
    ? [{ kind: "drops the not", replacement: node.operand.getText(tree) }]
    : [];

/** Mutants of a statement with a side effect. */
function statement(node: ts.Statement): Change[] {
  if (ts.isThrowStatement(node)) return [{ kind: "drops the throw", replacement: ";" }];
  if (!ts.isExpressionStatement(node)) return [];
  const expression = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
  if (ts.isCallExpression(expression)) return [{ kind: "drops the call", replacement: ";" }];
  if (ts.isBinaryExpression(expression) || ts.isPostfixUnaryExpression(expression))
    return [{ kind: "drops the assignment", replacement: ";" }];
  return [];
}

function call(node: ts.CallExpression, tree: ts.SourceFile): Change[] {
  if (!ts.isPropertyAccessExpression(node.expression)) return [];
  const { expression: on, name } = node.expression;
  if (name.text === "filter") return [{ kind: "drops the filter", replacement: on.getText(tree) }];
  const opposite = OPPOSITE.get(name.text);
  if (!opposite) return [];
  const rest = tree.text.slice(name.getEnd(), node.getEnd());
  const before = tree.text.slice(node.getStart(tree), name.getStart(tree));
  return [{ kind: `${name.text} becomes ${opposite}`, replacement: `${before}${opposite}${rest}` }];
}

function literal(node: ts.Node): Change[] {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [{ kind: "true becomes false", replacement: "false" }];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [{ kind: "false becomes true", replacement: "true" }];
  if (ts.isNumericLiteral(node)) return [{ kind: "one more", replacement: `(${node.getText()} + 1)` }];
  if (!ts.isStringLiteral(node) || isName(node)) return [];
  return [{ kind: "other text", replacement: node.text === "" ? '"mutant"' : '""' }];
}

/** Whether the literal is the name of a property or the value of a JSX attribute. */
const isName = (node: ts.StringLiteral): boolean =>
  (ts.isPropertyAssignment(node.parent) && node.parent.name === node) || ts.isJsxAttribute(node.parent);
