import { describe, expect, it } from 'vitest'
import type { Dut } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { ClusterMachine } from '../../../src/gateware/cluster-program/cluster-machine.ts'
import { clusterProgram } from '../../../src/gateware/cluster-program/cluster-program.ts'
import { loadRecoilClassifier } from '../../../src/network/recoil-classifier.ts'
import { type ClusterImage, randomImage, shapeImages } from '../../support/images.ts'
import { paces } from '../../support/paces.ts'
import { startFrame } from '../../support/start-frame.ts'
import { expectedPacket, machineFrame, packetDifference, runProcessor } from './cluster-frames.ts'
import { simulateMacro } from './simulate-macro.ts'

const { classify, graph } = await loadRecoilClassifier()

const processor = (macroSide: number, labelBits: number): Promise<Dut> =>
  simulateMacro('cluster_processor', { MACRO_SIDE: macroSide, LABEL_BITS: labelBits })

/** Images of at most `side` macro-pixels, few of them active: those decide the time. */
function images(random: Random, count: number, side: number): ClusterImage[] {
  return Array.from({ length: count }, () => {
    const [columns, rows] = [1 + random.integer(side), 1 + random.integer(side)]
    const image = randomImage(random, columns, rows, 0.02 + 0.6 * random.uniform() ** 3)
    return { ...image, settings: { ...image.settings, link: 1 + random.integer(4) } }
  })
}

describe('cluster_processor.sv', () => {
  it.each([
    [16, 1],
    [20, 2],
    [17, 4],
    [33, 5],
    [16, 8],
  ])('gives the packets of the specification, side %i and %i bits of label', async (side, labelBits) => {
    const dut = await processor(side, labelBits)
    const random = new Random(side)
    let bytes = 0
    images(random, 14, side).forEach((image, i) => {
      const { packet } = runProcessor(dut, machineFrame(image), paces[i % paces.length]!, random)
      expect(packetDifference(expectedPacket(image, classify, labelBits), packet), image.name).toBe('')
      bytes += packet.length
    })
    expect(bytes).toBeGreaterThan(14 * 100)
  })

  it('gives them for the hand-made shapes, with labels used up', async () => {
    const dut = await processor(16, 1)
    const random = new Random(3)
    for (const image of [1, 3].flatMap(shapeImages)) {
      const { packet } = runProcessor(dut, machineFrame(image), paces[0]!, random)
      expect(packetDifference(expectedPacket(image, classify, 1), packet), image.name).toBe('')
    }
  })

  it('holds the largest contents, columns and rows', async () => {
    const dut = await processor(1024, 8)
    const settings = { thresholdLow: 33554431, thresholdHigh: 33554431, link: 1, minimumPixels: 1 }
    for (const [columns, rows, content] of [
      [1024, 1, 131071],
      [1, 300, 16384],
    ] as const) {
      const macro = new Int32Array(columns * rows).fill(content)
      const filtered = new Int32Array(columns * rows).fill(33554431)
      const image = { name: `${columns}x${rows}`, columns, rows, macro, filtered, settings }
      const { packet } = runProcessor(dut, machineFrame(image), paces[0]!, new Random(6))
      expect(packetDifference(expectedPacket(image, classify, 8), packet), image.name).toBe('')
    }
  })

  it('takes the clocks that the instruction set says', async () => {
    const dut = await processor(24, 4)
    const machine = new ClusterMachine(clusterProgram(graph).words, 24, 4)
    const random = new Random(5)
    for (const image of images(random, 6, 24)) {
      const before = machine.clocks
      const packet = machine.run(machineFrame(image))
      const run = runProcessor(dut, machineFrame(image), paces[0]!, random)
      expect(packetDifference(packet, run.packet)).toBe('')
      // Start, and the last byte on its way.
      expect(Math.abs(run.clocks - (machine.clocks - before))).toBeLessThan(8)
    }
  })

  it('begins anew after a reset at any time', async () => {
    const dut = await processor(16, 2)
    const random = new Random(9)
    for (const image of images(random, 12, 16)) {
      Object.assign(dut.in, {
        s_valid: 1,
        s_filtered: 33554431,
        cfg_grant: 1,
        m_axis_tready: random.integer(2),
      })
      await startFrame(dut)
      await dut.clock(random.integer(6000))
      await dut.applyReset()
      expect(dut.out.m_axis_tvalid).toBe(0)
      const { packet } = runProcessor(dut, machineFrame(image), paces[3]!, random)
      expect(packetDifference(expectedPacket(image, classify, 2), packet), image.name).toBe('')
    }
  })
})
