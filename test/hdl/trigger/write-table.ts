import type { Dut } from '../../../sim/verilog/index.ts'

/** Fills a memory of a unit through its ports `NAME`, `NAME_address` and `NAME_write`, from the first entry. */
export function writeTable(dut: Dut, name: string, values: ArrayLike<number>): void {
  dut.stream({
    source: { valid: `${name}_write`, data: [`${name}_address`, name] },
    items: { [`${name}_address`]: Uint32Array.from(values, (_, i) => i), [name]: values },
    drain: 0,
  })
}
