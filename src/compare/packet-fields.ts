import { recordType } from '../trigger/event-packet.ts'
import { featureFormat } from '../trigger/features.ts'
import { blockSide } from '../trigger/region-blocks.ts'
import { limits } from '../trigger/settings.ts'
import { recoilClasses } from './match.ts'

/** A field of a record: where it starts in the record, and how many bytes of a little-endian integer it has. */
interface Field {
  readonly name: string
  readonly at: number
  readonly bytes: number
  readonly signed: boolean
}

type RecordName = keyof typeof recordType

function fields(layout: readonly (readonly [name: string, bytes: number, signed?: boolean])[]): Field[] {
  let at = 4
  return layout.map(([name, bytes, signed = false]) => {
    const field = { name, at, bytes, signed }
    at += bytes
    return field
  })
}

/** The layout that src/trigger/event-packet.ts describes, byte by byte. */
const layouts: Readonly<Record<RecordName, readonly Field[]>> = {
  header: fields([
    ['frame', 4],
    ['timeTag', 8],
    ['width', 2],
    ['height', 2],
    ['binning', 4],
    ['thresholdLow', 4],
    ['thresholdHigh', 4],
  ]),
  cluster: fields([
    ...(['x0', 'y0', 'x1', 'y1'] as const).map((name) => [name, 2] as const),
    ['pixels', 4],
    ['sum', 8, true],
    ['peak', 4],
    ['brightest', 4, true],
    ...(['w', 'wx', 'wy', 'wxx', 'wxy', 'wyy'] as const).map((name) => [name, 8] as const),
    ...featureFormat.map(({ name }) => [`feature ${name}`, 1, true] as const),
    ['padding', 3],
    ...recoilClasses.map((name) => [`score ${name}`, 2, true] as const),
    ['winner', 2],
  ]),
  blocks: fields(
    Array.from({ length: limits.maximumMacroSide / blockSide / 32 }, (_, i) => [`word ${i}`, 4]),
  ),
  tiles: fields([['mask', 4]]),
  trailer: fields([
    ['kept', 4],
    ['rejected', 4],
    ['droppedRuns', 4],
    ['active', 4],
    ['clippedPixels', 4],
    ['flags', 4],
    ['end mark', 4],
  ]),
}

/** What the index of a record counts. */
const counted: Readonly<Partial<Record<RecordName, string>>> = {
  cluster: 'cluster',
  blocks: 'block row',
  tiles: 'tile row',
}

/** What stands at one byte of an event packet. */
export interface PacketPlace {
  /** `header`, `cluster 3`, `block row 7`, `tile row 0`, `trailer`. */
  readonly record: string
  /** Index of the cluster, in a cluster record. */
  readonly cluster: number | null
  readonly field: string
  /** The value of the field as decimal digits; null past the end of the packet. */
  readonly value: string | null
}

/** Names the field at byte `offset`; walks the records as far as the packet makes sense. */
export function placeAt(packet: Uint8Array, offset: number): PacketPlace {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  let at = 0
  while (at + 4 <= packet.byteLength) {
    const tag = view.getUint32(at, true)
    const name = (Object.keys(recordType) as RecordName[]).find((key) => recordType[key] === tag >>> 24)
    const bytes = 4 * ((tag >>> 16) & 255)
    if (name === undefined || bytes === 0) break
    if (offset < at + bytes) return inRecord(view, name, tag & 0xffff, at, offset)
    at += bytes
  }
  const value = offset < packet.byteLength ? String(packet[offset]) : null
  const field = value === null ? 'end of packet' : `byte ${offset}`
  return { record: value === null ? 'end' : 'unknown record', cluster: null, field, value }
}

function inRecord(view: DataView, name: RecordName, index: number, at: number, offset: number): PacketPlace {
  const record = name in counted ? `${counted[name]} ${index}` : name
  const cluster = name === 'cluster' ? index : null
  const inside = offset - at
  if (inside < 4) return { record, cluster, field: 'record', value: record }
  const field = layouts[name].find((f) => inside >= f.at && inside < f.at + f.bytes)
  if (field === undefined) return { record, cluster, field: `byte ${inside}`, value: null }
  return { record, cluster, field: field.name, value: read(view, at + field.at, field) }
}

function read(view: DataView, at: number, { bytes, signed }: Field): string | null {
  if (at + bytes > view.byteLength) return null
  let value = 0n
  for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(view.getUint8(at + i))
  return String(signed ? BigInt.asIntN(8 * bytes, value) : value)
}
