/** A text as part of a Verilog name: letters, digits and underscores, first a letter, short. */
export function identifierPart(text: string, longest = 24): string {
  const cleaned = text
    .replace(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, longest)
    .replace(/_+$/, '')
  return /^[A-Za-z]/.test(cleaned) ? cleaned : `n${cleaned}`
}

/** ASCII text for a comment. */
export function commentText(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').replaceAll('*/', '*_/')
}
