import { cellCount, type RegionGains, unitGain } from './settings.ts'

/**
 * Twin of hdl/trigger/region_gain.sv: the filter output times the gain of its region, floor(value * gain / 4096),
 * saturated at 26 bits signed.
 */
export function applyGains(filtered: Int32Array, columns: number, rows: number, gains: RegionGains): void {
  const { columnsLog2, rowsLog2, gain } = gains
  const cells = cellCount(columns, columnsLog2)
  for (let y = 0; y < rows; y++) {
    const first = (y >> rowsLog2) * cells
    for (let x = 0; x < columns; x++) {
      const factor = gain[first + (x >> columnsLog2)]!
      if (factor === unitGain) continue
      const i = y * columns + x
      const value = Math.floor((filtered[i]! * factor) / unitGain)
      filtered[i] = value > 33554431 ? 33554431 : value < -33554432 ? -33554432 : value
    }
  }
}
