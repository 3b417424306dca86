/** Texts of `$display` that are no texts: what Yosys cannot read is handed to it in this form. */
const mark = '\u0001'

/** The end of the simulation, a message of the assertion that follows, or an error by itself. */
export type Purpose = 'finish' | 'message' | 'error'

export interface Reserved {
  readonly purpose: Purpose
  /** The text that the user wrote. */
  readonly format: string
}

/** What stands before a user's text. */
export function reservedPrefix(purpose: Purpose): string {
  return `${mark}${purpose}${mark}`
}

/** Recognizes such a text. */
export function reservedText(format: string): Reserved | undefined {
  const [before, purpose, ...text] = format.split(mark)
  if (before !== '' || text.length === 0) return undefined
  return { purpose: purpose as Purpose, format: text.join(mark) }
}
