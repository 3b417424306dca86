/** The lines around a place in a source, the place marked. */
export function codeFrame(source: string, line: number): string {
  const lines = source.split('\n')
  const first = Math.max(1, line - 2)
  const last = Math.min(lines.length, line + 2)
  const width = `${last}`.length
  return lines
    .slice(first - 1, last)
    .map((text, i) => `${first + i === line ? '>' : ' '} ${`${first + i}`.padStart(width)} | ${text}`)
    .join('\n')
}
