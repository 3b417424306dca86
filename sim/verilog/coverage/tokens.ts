/** A place in a source file: lines and columns count from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** From the first character up to, not including, `end`. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

export interface Token extends Range {
  readonly text: string
}

const lexeme =
  /\/\/[^\n]*|\/\*.*?\*\/|"(?:\\.|[^"\\\n])*"|`(?:define|undef|ifdef|ifndef|elsif|else|endif|include|timescale|default_nettype)\b(?:\\\r?\n|[^\n])*|\\\S+|`?[A-Za-z_$][\w$]*|\d[\w']*|<<<?=?|>>>?=?|<=|>=|[=!]==?|&&|\|\||->|::|\S/gs

/** The words and signs of a SystemVerilog source; comments and directives are left out, macros are not expanded. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let lineStart = 0
  let at = 0
  const position = (offset: number): Position => {
    for (let next = source.indexOf('\n', at); next >= 0 && next < offset; next = source.indexOf('\n', at)) {
      line++
      lineStart = at = next + 1
    }
    return { line, column: offset - lineStart + 1 }
  }
  for (const match of source.matchAll(lexeme)) {
    const [text] = match
    if (
      /^(?:\/\/|\/\*|`(?:define|undef|ifdef|ifndef|elsif|else|endif|include|timescale|default_nettype)\b)/.test(
        text,
      )
    )
      continue
    const start = position(match.index)
    tokens.push({ text, start, end: position(match.index + text.length) })
  }
  return tokens
}

/** Orders positions as they stand in the file. */
export function compare(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column
}

export function contains(outer: Range, inner: Position): boolean {
  return compare(outer.start, inner) <= 0 && compare(inner, outer.end) < 0
}

/** `line.column`, as Yosys writes it. */
export function positionKey({ line, column }: Position): string {
  return `${line}.${column}`
}

export function inSourceOrder<Placed extends { readonly range: Range }>(places: Iterable<Placed>): Placed[] {
  return [...places].sort((a, b) => compare(a.range.start, b.range.start))
}
