/**
 * Twin of hdl/trigger/common_mode.sv: subtracts from every row of macro-pixels the rounded mean of those within
 * +- `limit`, which light and defects leave alone. Offset drifts and the row noise of rolling-shutter sensors are
 * common to a row. Results saturate at 18 bits signed.
 */
export function removeCommonMode(macro: Int32Array, columns: number, rows: number, limit: number): void {
  for (let y = 0; y < rows; y++) {
    const row = macro.subarray(y * columns, (y + 1) * columns)
    const mean = commonMode(row, limit)
    if (mean !== 0) for (let x = 0; x < columns; x++) row[x] = saturate(row[x]! - mean)
  }
}

/** floor((2u + n) / 2n) - limit, where u sums value + limit over the n values within the limit; 0 without any. */
function commonMode(row: Int32Array, limit: number): number {
  let n = 0
  let u = 0
  for (let x = 0; x < row.length; x++) {
    const value = row[x]!
    if (value < -limit || value > limit) continue
    n++
    u += value + limit
  }
  return n === 0 ? 0 : Math.floor((2 * u + n) / (2 * n)) - limit
}

function saturate(value: number): number {
  return value > 131071 ? 131071 : value < -131072 ? -131072 : value
}
