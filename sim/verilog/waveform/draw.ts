import type { History, Moment } from './history.ts'
import { valueAt, type WaveSignal } from './sampler.ts'

export interface DrawOptions {
  /** Characters per line, 100 by default. */
  readonly width?: number
  /** Signals that must be there, first, each with a remark for the end of its line. */
  readonly marked?: ReadonlyMap<string, string>
  /** More signals that must be there. */
  readonly signals?: readonly string[]
  /** Something that happened at the clock edge into this cycle. */
  readonly event?: { readonly cycle: number; readonly text: string } | undefined
}

interface Row {
  readonly signal: WaveSignal
  readonly values: readonly bigint[]
  readonly remark: string
}

const mostRows = 20
/** Of the rows, where there is too much of ports and of what is inside. */
const portShare = 0.6
const longestName = 30
const longestRemark = 30
const [low, high] = ['▁', '▔']

/**
 * A waveform for people: a column per cycle with the values just before the clock edge that ends it, bits as lines,
 * vectors in hex where they change. What stands still is summed up in the last lines.
 */
export function drawWaveform(title: string, history: History, options: DrawOptions = {}): string {
  const { width = 100, marked = new Map<string, string>(), event } = options
  const wanted = options.signals ?? []
  const all = chooseRows(history, marked, wanted)
  const nameWidth = Math.min(longestName, Math.max(8, ...all.map(({ signal }) => signal.name.length)))
  const remarkWidth = Math.max(0, ...all.map((row) => endOfLine(row).length))
  const room = width - nameWidth - 4 - Math.min(longestRemark, remarkWidth)
  const cell = cellWidth(all, room, history.moments.length)
  const moments = history.moments.slice(-Math.max(1, Math.floor(room / cell)))
  const rows = chooseRows({ ...history, moments }, marked, wanted)
  const lines = [heading(title, moments)]
  const margin = ' '.repeat(nameWidth + 4)
  if (moments.length === 1 || moments[0]!.cycle !== moments.at(-1)!.cycle)
    lines.push(`  ${'cycle'.padEnd(nameWidth + 2)}${labels(moments, cell)}`)
  const eventAt = event ? moments.findIndex(({ cycle }) => cycle === event.cycle) : -1
  if (eventAt >= 0) lines.push(pointer(margin.length + Math.max(0, eventAt * cell - 1), event!.text, width))
  for (const row of rows) {
    const { signal, values } = row
    const name = shorten(signal.name, nameWidth).padEnd(nameWidth)
    const flag = marked.has(signal.name) ? '>' : ' '
    const line = signal.width === 1 ? drawBit(values, cell) : drawVector(values, cell)
    lines.push(`${flag} ${name}  ${line}${endOfLine(row)}`.trimEnd())
  }
  return [...lines, ...still(history, rows, width)].join('\n')
}

function heading(title: string, moments: readonly Moment[]): string {
  const [first, last] = [moments[0]!.cycle, moments.at(-1)!.cycle]
  if (moments.length === 1) return `${title}, cycle ${last} (vectors in hex)`
  if (first === last) return `${title}, the last ${moments.length} settled states (vectors in hex)`
  return `${title}, cycles ${first} to ${last} (a column is what the clock edge at its end samples; vectors in hex)`
}

/** An arrow down to a column, with its text where there is room. */
function pointer(column: number, text: string, width: number): string {
  const short = text.slice(0, width - 4)
  if (column + 2 + short.length <= width) return `${' '.repeat(column)}↓ ${short}`
  const left = Math.max(0, column - short.length - 1)
  return `${`${' '.repeat(left)}${short}`.slice(0, column - 1)} ↓`
}

/** The marked ones, those asked for, then ports and registers that changed; the latest changes if they are too many. */
function chooseRows(
  { signals, moments }: History,
  marked: ReadonlyMap<string, string>,
  wanted: readonly string[],
): Row[] {
  const rows = new Map<string, Row & { readonly changed: number }>()
  for (const signal of signals) {
    if (rows.has(signal.name)) continue
    const values = moments.map((moment) => valueAt(moment.values, signal))
    const changed = values.findLastIndex((value, at) => at > 0 && value !== values[at - 1])
    rows.set(signal.name, { signal, values, remark: marked.get(signal.name) ?? '', changed })
  }
  const asked = [...marked.keys(), ...wanted].flatMap((name) => rows.get(name) ?? [])
  const seen = new Set(asked.map(({ signal }) => signal.offset))
  const others = [...rows.values()].filter(({ signal, changed }) => {
    if (changed < 0 || seen.has(signal.offset)) return false
    seen.add(signal.offset)
    return true
  })
  const most = Math.max(0, mostRows - asked.length)
  const latest = [...others].sort((a, b) => b.changed - a.changed)
  const ports = latest.filter(({ signal }) => signal.direction)
  const inside = latest.filter(({ signal }) => !signal.direction)
  const portRows = Math.max(most - inside.length, Math.ceil(most * portShare))
  const chosen = new Set([...ports.slice(0, portRows), ...inside, ...ports.slice(portRows)].slice(0, most))
  return [...new Set([...asked, ...others.filter((row) => chosen.has(row))])]
}

/** The narrowest cell in which every value fits until its next change, but for at least eight cycles. */
function cellWidth(rows: readonly Row[], room: number, total: number): number {
  let cell = 3
  for (const { signal, values } of rows) {
    if (signal.width === 1) continue
    for (let at = 0; at < values.length; ) {
      const next = nextChange(values, at)
      const need = values[at]!.toString(16).length + 2
      cell = Math.max(cell, Math.ceil(need / (next - at)))
      at = next
    }
  }
  return Math.max(3, Math.min(cell, Math.floor(room / Math.min(8, total))))
}

function nextChange(values: readonly bigint[], at: number): number {
  const next = values.findIndex((value, i) => i > at && value !== values[at])
  return next < 0 ? values.length : next
}

function labels(moments: readonly Moment[], cell: number): string {
  let text = ''
  for (const [i, { cycle }] of moments.entries()) {
    if (text.length > i * cell - 1 && i > 0) continue
    if (i > 0 && cycle === moments[i - 1]!.cycle) continue
    if (i > 0 && `${cycle}`.length > (moments.length - i) * cell) continue
    text = `${text.padEnd(i * cell)}${cycle}`
  }
  return text
}

function drawBit(values: readonly bigint[], cell: number): string {
  return values.map((value) => (value === 0n ? low : high).repeat(cell)).join('')
}

/** A bar at every change; a value too long for its place loses its upper digits. */
function drawVector(values: readonly bigint[], cell: number): string {
  let line = ''
  for (let at = 0; at < values.length; ) {
    const next = nextChange(values, at)
    const room = (next - at) * cell - 1
    const digits = values[at]!.toString(16)
    const shown = digits.length <= room ? digits : `…${digits.slice(digits.length - room + 1)}`
    line += `${at === 0 ? '╶' : '│'}${shown}`.padEnd(room + 1, '─')
    at = next
  }
  return line
}

function endOfLine({ signal, values, remark }: Row): string {
  const value = values.at(-1)!
  const number =
    signal.signed && value >> BigInt(signal.width - 1) ? value - (1n << BigInt(signal.width)) : value
  const long = number >= 1_000_000n || number <= -1_000_000n
  const plain = signal.width === 1 || (number >= 0n && number <= 9n)
  const full = plain ? '' : long ? ` = 0x${value.toString(16)}` : ` = ${number}`
  const shown = full.length <= longestRemark ? full : ''
  return remark === '' ? shown : `${shown} ${remark}`
}

function shorten(name: string, length: number): string {
  return name.length <= length ? name : `…${name.slice(name.length - length + 1)}`
}

/** The ports that are not drawn, with their values. */
function still({ signals, moments }: History, rows: readonly Row[], width: number): string[] {
  const drawn = new Set(rows.map(({ signal }) => signal.name))
  const last = moments.at(-1)!.values
  const texts = signals.flatMap((signal) => {
    if (signal.direction === undefined || signal.clock === 'main' || drawn.has(signal.name)) return []
    const value = valueAt(last, signal)
    return `${shorten(signal.name, longestName)}=${value < 10n ? '' : '0x'}${value.toString(16)}`
  })
  const lines: string[] = []
  for (const text of texts) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + text.length < width) lines[lines.length - 1] = `${line} ${text}`
    else lines.push(lines.length === 0 ? `  still:  ${text}` : `          ${text}`)
  }
  return lines
}
