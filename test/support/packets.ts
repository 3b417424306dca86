import type { Classifier } from '../../src/trigger/datapath.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { recordType } from '../../src/trigger/event-packet.ts'
import type { Shot } from './shots.ts'

/** The packets that the specification gives for these frames. */
export function expectedPackets(shots: readonly Shot[], classify: Classifier): Uint8Array[] {
  const datapath = new Datapath(classify)
  return shots.map((s) => datapath.process(s.pixels, s.words, s.settings, s.frame, s.timeTag))
}

const names = new Map<number, string>(Object.entries(recordType).map(([name, type]) => [type, name]))

/** Where the first difference is, in words of the packet format; '' when all bytes are equal. */
export function firstDifference(
  shots: readonly Shot[],
  expected: readonly Uint8Array[],
  got: readonly Uint8Array[],
): string {
  for (let i = 0; i < Math.max(expected.length, got.length); i++) {
    const want = expected[i]
    const have = got[i]
    if (want === undefined || have === undefined) return `${got.length} packets instead of ${expected.length}`
    if (Buffer.compare(want, have) === 0) continue
    const { width, height, binning } = shots[i]!.settings
    const at = want.findIndex((byte, n) => byte !== have[n]) & ~3
    return `frame ${i} (${width}x${height}, binning ${binning}): ${place(want, at)}: ${hex(want, at)} expected, ${hex(have, at)} given; ${have.length} bytes of ${want.length}`
  }
  return ''
}

function place(packet: Uint8Array, at: number): string {
  let start = 0
  while (start + 4 * packet[start + 2]! <= at) start += 4 * packet[start + 2]!
  return `word ${(at - start) / 4} of record ${names.get(packet[start + 3]!)} ${packet[start]! + 256 * packet[start + 1]!}`
}

const hex = (packet: Uint8Array, at: number): string =>
  Buffer.from(packet.subarray(at, at + 4)).toString('hex')

/** What a set of packets holds; tests assert it, so that equality is never equality of nothing. */
export function tally(packets: readonly Uint8Array[]): Record<keyof typeof recordType, number> {
  const counts = { header: 0, cluster: 0, blocks: 0, tiles: 0, trailer: 0 }
  for (const packet of packets)
    for (let at = 0; at < packet.length; at += 4 * packet[at + 2]!)
      counts[names.get(packet[at + 3]!) as keyof typeof recordType]++
  return counts
}
