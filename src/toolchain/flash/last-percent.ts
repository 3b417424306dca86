/** The last percentage in what a program said, such as the 62 of `addr 0x001200  62%` or of `62.50%`; undefined for none. */
export function lastPercent(text: string): number | undefined {
  const percent = [...text.matchAll(/(\d+)(?:\.\d+)?%/g)].at(-1)?.[1]
  return percent === undefined ? undefined : Math.min(100, Number(percent))
}
