/**
 * Steps from `from` forward to `to`, 0 to 65535; 32768 and more mean that `to` lies behind. Numbers of frames count modulo
 * 2 ** 16, and no window is larger than half of that.
 */
export function distance(from: number, to: number): number {
  return (to - from) & 0xffff
}

/** Largest distance that still means forward. */
export const furthest = 0x8000

export function following(seq: number): number {
  return (seq + 1) & 0xffff
}
