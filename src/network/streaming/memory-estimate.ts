/** Depth and width of an 18 kbit block RAM. */
const shapes: readonly (readonly [number, number])[] = [
  [512, 36],
  [1024, 18],
  [2048, 9],
  [4096, 4],
  [8192, 2],
  [16384, 1],
]

/** What a memory of `depth` words of `width` bits costs: LUTs up to 64 words, block RAMs beyond. */
export function memoryCost(depth: number, width: number): { luts: number; ffs: number; brams: number } {
  if (depth <= 1) return { luts: 0, ffs: depth * width, brams: 0 }
  // Four LUTs of six inputs are 32 x 6 of memory with a write and a read port; a flip-flop per bit behind.
  if (depth <= 64) return { luts: Math.ceil((width * Math.ceil(depth / 32) * 2) / 3), ffs: width, brams: 0 }
  const brams = shapes.map(([words, bits]) => Math.ceil(depth / words) * Math.ceil(width / bits))
  return { luts: 0, ffs: 0, brams: Math.min(...brams) }
}

/** Bits that count to `top`. */
export function countBits(top: number): number {
  return Math.max(1, Math.ceil(Math.log2(top + 1)))
}
