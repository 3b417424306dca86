import { GemgateError } from '../../../../src/core/errors.ts'
import type { Port } from '../../compiler/layout.ts'
import type { Column, ItemArray, Items, SinkResult } from './options.ts'
import type { SidePlan } from './side.ts'

/** Items as rows of words, each with room for the cycle in which it is taken. */
export function packItems(items: Items, side: SidePlan): { rows: Uint32Array; count: number } {
  const columns = columnsOf(items, side)
  const lengths = new Map<string, number>()
  columns.forEach((column, i) => {
    if (typeof column === 'object') lengths.set(side.data[i]!.name, column.length)
  })
  if (lengths.size === 0 && columns.length > 0)
    throw usage(`${side.name} has single values only: how many items are there?`, 'Give one column or more.')
  const count = isArrayLike(items) ? items.length : Math.max(0, ...lengths.values())
  if (new Set(lengths.values()).size > 1)
    throw usage(
      `the columns of ${side.name} have different lengths: ${[...lengths].map((pair) => pair.join(' ')).join(', ')}`,
      'Give as many values for each port, or one value for all items.',
    )
  const rowLength = side.words.length + 1
  const rows = new Uint32Array(count * rowLength)
  let offset = 0
  for (const [i, port] of side.data.entries()) {
    packColumn(columns[i]!, port, rows, offset, rowLength, count)
    offset += Math.ceil(port.width / 32)
  }
  return { rows, count }
}

function columnsOf(items: Items, { data, name }: SidePlan): Column[] {
  const names = data.map((port) => port.name)
  if (!isArrayLike(items)) {
    for (const given of Object.keys(items))
      if (!names.includes(given))
        throw usage(`${name} has no data port ${given}`, `It has ${names.join(', ')}.`)
    return names.map((port) => {
      const column = items[port]
      if (column === undefined)
        throw usage(`there are no values for ${port}`, 'Give a column, or one value for all.')
      return column
    })
  }
  if (names.length === 1 && !isArrayLike(items[0] as unknown)) return [items as ArrayLike<number | bigint>]
  const rows = Array.from(items as ArrayLike<unknown>) as (readonly (number | bigint)[])[]
  rows.forEach((row, i) => {
    if (!isArrayLike(row) || row.length !== names.length)
      throw usage(
        `item ${i} of ${name} has not a value for each of ${names.join(', ')}`,
        'Give rows of that length.',
      )
  })
  return names.map((_, i) => rows.map((row) => row[i]!))
}

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return typeof value === 'object' && value !== null && 'length' in value && typeof value.length === 'number'
}

function packColumn(
  column: Column,
  port: Port,
  rows: Uint32Array,
  offset: number,
  rowLength: number,
  count: number,
): void {
  const { width } = port
  const values = typeof column === 'object' ? column : undefined
  if (width <= 32) {
    const top = 2 ** width
    for (let i = 0; i < count; i++) {
      const given = values ? values[i]! : (column as number | bigint)
      const value = typeof given === 'bigint' ? Number(given) : given
      if (!(Number.isInteger(value) && value >= -top / 2 && value < top)) throw misfit(given, port, i)
      rows[i * rowLength + offset] = value < 0 ? value + top : value
    }
    return
  }
  const top = 1n << BigInt(width)
  const words = Math.ceil(width / 32)
  for (let i = 0; i < count; i++) {
    const given = values ? values[i]! : (column as number | bigint)
    if (typeof given !== 'bigint' && !Number.isSafeInteger(given)) throw misfit(given, port, i)
    let value = BigInt(given)
    if (value < -top / 2n || value >= top) throw misfit(given, port, i)
    value = BigInt.asUintN(width, value)
    for (let w = 0; w < words; w++)
      rows[i * rowLength + offset + w] = Number((value >> BigInt(32 * w)) & 0xffffffffn)
  }
}

function misfit(value: number | bigint, { name, width }: Port, index: number): GemgateError {
  return new GemgateError(
    'GG_PORT',
    `item ${index}: ${value} does not fit the ${width} bits of ${name}`,
    "Give whole numbers that fit; negative ones are two's complement.",
  )
}

/** Rows of words as columns of values. */
export function unpackRows(rows: Uint32Array, count: number, side: SidePlan): SinkResult {
  const rowLength = side.words.length + 1
  const columns: Record<string, ItemArray> = {}
  let offset = 0
  for (const port of side.data) {
    columns[port.name] = unpackColumn(rows, count, rowLength, offset, port)
    offset += Math.ceil(port.width / 32)
  }
  const list = Object.values(columns)
  return {
    count,
    columns,
    times: timesOf(rows, count, side),
    data: list[0] ?? new Uint32Array(count),
    rows: () => Array.from({ length: count }, (_, i) => list.map((column) => column[i]!)),
  }
}

function timesOf(rows: Uint32Array, count: number, side: SidePlan): Uint32Array {
  const rowLength = side.words.length + 1
  const times = new Uint32Array(count)
  for (let i = 0; i < count; i++) times[i] = rows[i * rowLength + rowLength - 1]!
  return times
}

function unpackColumn(
  rows: Uint32Array,
  count: number,
  rowLength: number,
  offset: number,
  port: Port,
): ItemArray {
  const { width, signed } = port
  if (width <= 32) {
    const column = signed ? new Int32Array(count) : new Uint32Array(count)
    const shift = signed ? 32 - width : 0
    for (let i = 0; i < count; i++) column[i] = (rows[i * rowLength + offset]! << shift) >> shift
    return column
  }
  const words = Math.ceil(width / 32)
  const column =
    width > 64 ? new Array<bigint>(count) : signed ? new BigInt64Array(count) : new BigUint64Array(count)
  for (let i = 0; i < count; i++) {
    let value = 0n
    for (let w = words - 1; w >= 0; w--) value = (value << 32n) | BigInt(rows[i * rowLength + offset + w]!)
    column[i] = signed ? BigInt.asIntN(width, value) : value
  }
  return column
}

const usage = (message: string, remedy: string) => new GemgateError('GG_USAGE', message, remedy)
