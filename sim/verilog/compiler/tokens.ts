/** A piece of Verilog source. Blanks and comments are tokens, too: together they are the text. */
export interface Token {
  readonly kind: 'blank' | 'directive' | 'string' | 'name' | 'other'
  readonly text: string
  /** Offset in the text, and line from 1. */
  readonly start: number
  readonly line: number
}

const macro =
  /`(?:ifdef|ifndef|elsif|undef|default_nettype)\s+[\w$]+|`(?:else|endif|resetall|celldefine|endcelldefine)\b/
const lines = /`(?:define|timescale|include|line|pragma)\b(?:\\\r?\n|[^\n])*/
const pattern = new RegExp(
  [
    String.raw`(?<blank>\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))`,
    `(?<directive>${macro.source}|${lines.source})`,
    String.raw`(?<string>"(?:\\[\s\S]|[^"\\\n])*"?)`,
    String.raw`(?<name>[$\x60]?[A-Za-z_][\w$]*|\\\S+)`,
    String.raw`(?<other>\d[\w']*|\|->|\|=>|##|::|[\s\S])`,
  ].join('|'),
  'g',
)

/** Cuts Verilog into tokens; what is wrong with it is left to Yosys. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (const match of text.matchAll(pattern)) {
    const kind = Object.entries(match.groups!).find(([, value]) => value !== undefined)![0] as Token['kind']
    tokens.push({ kind, text: match[0], start: match.index, line })
    for (const letter of match[0]) if (letter === '\n') line++
  }
  return tokens
}
