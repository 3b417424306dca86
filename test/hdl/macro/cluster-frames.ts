import type { Dut } from '../../../sim/verilog/index.ts'
import { registerDeclarations } from '../../../src/board/registers.ts'
import type { Random } from '../../../src/core/random.ts'
import type { MachineFrame } from '../../../src/gateware/cluster-program/cluster-machine.ts'
import { Clustering } from '../../../src/trigger/clustering.ts'
import type { Classifier } from '../../../src/trigger/datapath.ts'
import { EventPacketWriter } from '../../../src/trigger/event-packet.ts'
import { clusterFeatures, featureCount } from '../../../src/trigger/features.ts'
import { regionBlocks } from '../../../src/trigger/region-blocks.ts'
import type { ClusterImage } from '../../support/images.ts'
import type { Pace } from '../../support/paces.ts'

/** Numbers of the frame that show in the packet, with bits in both halves of each register. */
const frameNumber = 0x89abcdef
const timeTag = 0x12345 * 2 ** 32 + 0xfedc9876
const clippedPixels = 0x00230045

/** The packet of an image by the specification. Binning 1: an image is a frame as it stands. */
export function expectedPacket(image: ClusterImage, classify: Classifier, labelBits: number): Uint8Array {
  const { macro, filtered, columns, rows, settings } = image
  const writer = new EventPacketWriter()
  const features = new Int8Array(featureCount)
  const scores = new Int16Array(3)
  let index = 0
  writer.header(frameNumber, timeTag, { ...settings, width: columns, height: rows, binning: 1 })
  const counts = new Clustering(labelBits).process(macro, filtered, columns, rows, settings, (cluster) => {
    clusterFeatures(cluster, features)
    classify(features, scores)
    writer.cluster(index++, cluster, features, scores)
  })
  writer.blocks(regionBlocks(filtered, columns, rows, settings))
  return writer.trailer({ ...counts, clippedPixels })
}

/** The same image as the machine and the logic take it. */
export function machineFrame({ macro, filtered, columns, rows, settings }: ClusterImage): MachineFrame {
  return {
    content: macro,
    filtered,
    columns,
    registers: {
      width: columns,
      height: rows,
      binning: 1,
      threshold_low: settings.thresholdLow,
      threshold_high: settings.thresholdHigh,
      link: settings.link,
      minimum_pixels: settings.minimumPixels,
      frame_number: frameNumber,
      time_low: timeTag % 2 ** 32,
      time_high: Math.floor(timeTag / 2 ** 32),
      clipped_pixels: clippedPixels,
    },
  }
}

/** '' for equal packets, otherwise the first word that differs. */
export function packetDifference(expected: Uint8Array, given: Uint8Array): string {
  if (Buffer.compare(expected, given) === 0) return ''
  const at = expected.findIndex((byte, i) => byte !== given[i])
  if (at < 0) return `${given.length} bytes instead of ${expected.length}`
  let start = 0
  while (start + 4 * expected[start + 2]! <= at) start += 4 * expected[start + 2]!
  const hex = (packet: Uint8Array): string =>
    Buffer.from(packet.subarray(at & ~3, (at & ~3) + 4)).toString('hex')
  const place = `word ${((at & ~3) - start) / 4} of a record of type ${expected[start + 3]}`
  return `${place}: ${hex(expected)} expected, ${hex(given)} given; ${given.length} bytes of ${expected.length}`
}

/** Clocks without a macro-pixel or a byte after which the logic counts as stuck. */
const patience = 400_000

export interface ProcessorRun {
  readonly packet: Uint8Array
  readonly clocks: number
}

/**
 * One frame through cluster_processor.sv, while source, sink and the port of settings pause at random. Data of a macro-pixel
 * that is not offered, and settings that were not asked for, are rubbish. It clocks by words, for its millions of clocks.
 */
export function runProcessor(dut: Dut, frame: MachineFrame, pace: Pace, random: Random): ProcessorRun {
  const { content, filtered, columns, registers } = frame
  const { simulation } = dut
  const { words, stepFunction: step } = simulation
  const w = Object.fromEntries(ports.map((name) => [name, simulation.word(name)])) as PortWords
  const bytes: number[] = []
  const count = content.length
  let next = 0
  let offered = false
  let answer: number | undefined
  let held: number | undefined
  let clocks = 0
  if (dut.out.idle !== 1) throw new Error('not idle before the frame')
  words[w.start] = 1
  for (let quiet = 0; ; quiet++, clocks++) {
    if (quiet > patience) throw new Error(`stuck after ${next} macro-pixels and ${bytes.length} bytes`)
    if (!offered && next < count && random.uniform() >= pace.source) offered = true
    words[w.s_valid] = Number(offered)
    words[w.s_content] = (offered ? content[next]! : random.uint32()) & 0x3ffff
    words[w.s_filtered] = (offered ? filtered[next]! : random.uint32()) & 0x3ffffff
    words[w.s_last_column] = offered ? Number((next + 1) % columns === 0) : random.integer(2)
    words[w.s_last] = offered ? Number(next + 1 === count) : random.integer(2)
    words[w.cfg_data] = answer ?? random.uint32()
    const granting = random.uniform() >= pace.source
    const sinking = random.uniform() >= pace.sink
    words[w.cfg_grant] = Number(granting)
    words[w.m_axis_tready] = Number(sinking)
    simulation.settle()
    const asked =
      words[w.cfg_request] !== 0 && granting ? registerDeclarations[words[w.cfg_address]!] : undefined
    answer = asked === undefined ? undefined : (registers[asked.name] ?? 0)
    if (words[w.s_ready] !== 0) {
      if (!offered) throw new Error('took a macro-pixel that was not offered')
      offered = false
      next++
      quiet = 0
    }
    const finished = words[w.frame_done] !== 0
    const byte =
      words[w.m_axis_tvalid] !== 0 ? words[w.m_axis_tdata]! + 256 * words[w.m_axis_tlast]! : undefined
    if (held !== undefined && byte !== held)
      throw new Error(`byte ${bytes.length} changed before it was taken`)
    held = sinking ? undefined : byte
    if (sinking && byte !== undefined) {
      bytes.push(byte & 255)
      quiet = 0
      if (byte > 255 !== (next === count && !finished && isEnd(bytes)))
        throw new Error(`tlast is ${byte >> 8} with byte ${bytes.length - 1}`)
    }
    step()
    words[w.start] = 0
    if (finished) break
  }
  words[w.s_valid] = 0
  if (next !== count) throw new Error(`${next} of ${count} macro-pixels were taken`)
  return { packet: Uint8Array.from(bytes), clocks }
}

const ports = [
  'start',
  'frame_done',
  'cfg_request',
  'cfg_address',
  'cfg_grant',
  'cfg_data',
  's_valid',
  's_ready',
  's_content',
  's_filtered',
  's_last_column',
  's_last',
  'm_axis_tvalid',
  'm_axis_tready',
  'm_axis_tdata',
  'm_axis_tlast',
] as const

type PortWords = Readonly<Record<(typeof ports)[number], number>>

/** The bytes end with the end mark, at a word. */
function isEnd(bytes: readonly number[]): boolean {
  return bytes.length % 4 === 0 && Buffer.from(bytes.slice(-4)).toString('latin1') === 'GEME'
}
