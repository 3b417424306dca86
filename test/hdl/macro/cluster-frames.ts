import type { Simulation } from '../../../sim/verilog/index.ts'
import { registerDeclarations } from '../../../src/board/registers.ts'
import type { Random } from '../../../src/core/random.ts'
import type { MachineFrame } from '../../../src/gateware/cluster-program/cluster-machine.ts'
import { Clustering } from '../../../src/trigger/clustering.ts'
import type { Classifier } from '../../../src/trigger/datapath.ts'
import { EventPacketWriter } from '../../../src/trigger/event-packet.ts'
import { clusterFeatures, featureCount } from '../../../src/trigger/features.ts'
import { regionBlocks } from '../../../src/trigger/region-blocks.ts'
import type { ClusterImage } from '../../support/images.ts'
import { reader, type StagePauses, unsigned, writer } from '../../support/stage.ts'

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
 * that is not offered, and settings that were not asked for, are rubbish.
 */
export function runProcessor(
  simulation: Simulation,
  frame: MachineFrame,
  pauses: StagePauses,
  random: Random,
): ProcessorRun {
  const { content, filtered, columns, registers } = frame
  const set = (name: string) => writer(simulation, name)
  const get = (name: string) => reader(simulation, name)
  const [valid, macro, filter] = [set('s_valid'), set('s_content'), set('s_filtered')]
  const [lastColumn, last] = [set('s_last_column'), set('s_last')]
  const [grant, setting, ready] = [set('cfg_grant'), set('cfg_data'), set('m_axis_tready')]
  const [taken, request, address] = [get('s_ready'), get('cfg_request'), get('cfg_address')]
  const [outValid, outData, outLast] = [get('m_axis_tvalid'), get('m_axis_tdata'), get('m_axis_tlast')]
  const [done, idle] = [get('frame_done'), get('idle')]
  const bytes: number[] = []
  const count = content.length
  let next = 0
  let offered = false
  let answer: number | undefined
  let held: number | undefined
  let clocks = 0
  simulation.settle()
  if (idle() !== 1) throw new Error('not idle before the frame')
  simulation.set('start', 1)
  for (let quiet = 0; ; quiet++, clocks++) {
    if (quiet > patience) throw new Error(`stuck after ${next} macro-pixels and ${bytes.length} bytes`)
    if (!offered && next < count && random.integer(256) >= pauses.source) offered = true
    valid(Number(offered))
    macro(offered ? unsigned(content[next]!, 18) : random.uint32() & 0x3ffff)
    filter(offered ? unsigned(filtered[next]!, 26) : random.uint32() & 0x3ffffff)
    lastColumn(offered ? Number((next + 1) % columns === 0) : random.integer(2))
    last(offered ? Number(next + 1 === count) : random.integer(2))
    setting(answer ?? random.uint32())
    const granting = random.integer(256) >= pauses.source
    const sinking = random.integer(256) >= pauses.sink
    grant(Number(granting))
    ready(Number(sinking))
    simulation.settle()
    const asked = request() === 1 && granting ? registerDeclarations[Number(address())] : undefined
    answer = asked === undefined ? undefined : (registers[asked.name] ?? 0)
    if (taken() === 1) {
      if (!offered) throw new Error('took a macro-pixel that was not offered')
      offered = false
      next++
      quiet = 0
    }
    const byte = outValid() === 1 ? Number(outData()) + 256 * Number(outLast()) : undefined
    if (held !== undefined && byte !== held)
      throw new Error(`byte ${bytes.length} changed before it was taken`)
    held = sinking ? undefined : byte
    if (sinking && byte !== undefined) {
      bytes.push(byte & 255)
      quiet = 0
      if (byte > 255 !== (next === count && done() === 0 && isEnd(bytes)))
        throw new Error(`tlast is ${byte >> 8} with byte ${bytes.length - 1}`)
    }
    const finished = done() === 1
    simulation.step()
    simulation.words[simulation.word('start')] = 0
    if (finished) break
  }
  valid(0)
  if (next !== count) throw new Error(`${next} of ${count} macro-pixels were taken`)
  return { packet: Uint8Array.from(bytes), clocks }
}

/** The bytes end with the end mark, at a word. */
function isEnd(bytes: readonly number[]): boolean {
  return bytes.length % 4 === 0 && Buffer.from(bytes.slice(-4)).toString('latin1') === 'GEME'
}
