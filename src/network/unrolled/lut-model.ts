/**
 * LUTs of six inputs that the parts of a netlist take after Yosys 0.55 `synth_xilinx -family xc7 -nodsp`, measured
 * on designs of one kind each. Choices between equal forms and estimates both rest on it.
 */

/** A carry chain; Yosys joins some chains, so it is less than one per bit. */
export function adderLuts(chain: number): number {
  return 0.9 * chain
}

/** A carry chain with a constant. */
export function constantAdderLuts(chain: number): number {
  return 0.65 * chain
}

/** `x <= constant`: LUTs alone up to 12 bits, a carry chain beyond. */
export function constantCompareLuts(bits: number): number {
  return Math.max(1, bits * (bits > 12 ? 0.44 : 0.23))
}

/** `x > y`: a carry chain with up to two bits per LUT. */
export function compareLuts(bits: number): number {
  return 0.6 * bits + 1
}

/** Address bits from which a table is a clocked memory. */
export const romAddressBits = 11

/** Blocks of 18 kbit, as 2048 x 9 or deeper and narrower. */
export function romBlocks(entries: number, bits: number): number {
  return Math.ceil(entries / 2048) * Math.ceil(bits / 9)
}

/** LUTs that a block RAM is worth where either would do. */
const blockWorth = 150

/** A table; one with few entries goes into the logic behind it, one with very many into block RAM. */
export function tableLuts(entries: number, bits: number): number {
  if (entries > 2 ** (romAddressBits - 1)) return blockWorth * romBlocks(entries, bits)
  return bits * (entries <= 2 ? 0 : entries <= 4 ? 0.1 : entries <= 8 ? 0.35 : Math.max(1, entries / 64))
}

/** A choice between constants, or between such choices. */
export function constantSelectLuts(bits: number): number {
  return 0.1 * bits
}

/** `clamp(x, ...)` to fewer bits. */
export function clampLuts(from: number, to: number): number {
  return to + (from - to) / 5
}

/** The tie of half-even rounding. */
export function evenLuts(shift: number): number {
  return 1 + shift / 6
}
