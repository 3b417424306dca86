import { describe, expect, it } from 'vitest'
import { type Dut, simulate } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { binFrame } from '../../../src/trigger/pixel-stage.ts'
import { pick } from '../../support/shots.ts'
import { startFrame } from '../../support/start-frame.ts'

const binningUnit = (): Promise<Dut> => simulate('hdl/trigger/binning.sv')

interface Bins {
  readonly width: number
  readonly height: number
  readonly binning: 1 | 2 | 4
  readonly contents: readonly number[]
  readonly searches: readonly number[]
}

/** The sums that binFrame gives when the pixel stage passes every difference through. */
function sums({ width, height, binning }: Bins, residuals: readonly number[]): number[] {
  const pixels = Uint16Array.from(residuals, (r) => (r < 0 ? 0 : Math.ceil(r / 16)))
  const words = Uint32Array.from(residuals, (r, i) => 16 * pixels[i]! - r)
  const macro = new Int32Array(residuals.length / binning ** 2)
  const open = { weights: null, clipLow: 131071, clipHigh: 131071 }
  binFrame(pixels, words, { width, height, binning, ...open }, macro, new Int32Array(macro.length))
  return [...macro]
}

function expected(bins: Bins): number[][] {
  const search = sums(bins, bins.searches)
  return sums(bins, bins.contents).map((content, i) => [content, search[i]!])
}

/** Sends a frame with pauses everywhere; the pipeline stands still while a macro-pixel waits. */
async function bin(dut: Dut, bins: Bins, pause: number, random: Random): Promise<number[][]> {
  await startFrame(dut, { cfg_width: bins.width, cfg_binning: bins.binning })
  const [advance, valid, content, search] = ['advance', 's_valid', 's_content', 's_search'].map((name) =>
    dut.port(name),
  )
  const found: number[][] = []
  for (let sent = 0, clocks = 0, last = 0; sent < bins.contents.length || last < 20; clocks++) {
    if (clocks > 200_000) throw new Error(`stuck after ${sent} residuals`)
    const { m_valid, m_content, m_search } = dut.out
    const taking = random.uniform() >= pause
    const moving = random.uniform() >= pause && (m_valid === 0 || taking)
    const offering = sent < bins.contents.length && random.uniform() >= pause
    dut.in.m_ready = Number(taking)
    advance!.write(Number(moving))
    valid!.write(Number(offering))
    content!.write(offering ? bins.contents[sent]! : random.integer(262144) - 131072)
    search!.write(offering ? bins.searches[sent]! : random.integer(262144) - 131072)
    if (taking && m_valid === 1) found.push([Number(m_content), Number(m_search)])
    dut.run(1)
    if (moving && offering) sent++
    if (moving && sent === bins.contents.length) last++
  }
  return found
}

function randomBins(random: Random, width: number, height: number, binning: 1 | 2 | 4): Bins {
  const extreme = random.integer(4)
  const draw = (): number =>
    extreme === 0 ? 131071 : extreme === 1 ? -131071 : random.integer(262143) - 131071
  const residuals = (): number[] => Array.from({ length: width * height }, draw)
  return { width, height, binning, contents: residuals(), searches: residuals() }
}

describe('binning', () => {
  it('gives a sixteenth of the sum of 2 x 2 pixels, two clocks after the last of them', async () => {
    const dut = await binningUnit()
    await startFrame(dut, { cfg_width: 4, cfg_binning: 2 })
    Object.assign(dut.in, { advance: 1, s_valid: 1, m_ready: 1, s_search: -16 })
    const found: object[] = []
    for (const content of [160, 320, 0, 0, 480, 640, 16, 0]) {
      dut.in.s_content = content
      await dut.clock()
      found.push({ ...dut.out })
    }
    expect(found.slice(0, 6)).toMatchObject(Array(6).fill({ m_valid: 0 }))
    expect(found[6]).toEqual({ m_valid: 1, m_content: (160 + 320 + 480 + 640) / 16, m_search: -4 })
    await dut.clock()
    expect(dut).toOutput({ m_valid: 1, m_content: 1, m_search: -4 })
  })

  it('equals binFrame() for every binning and odd sizes, one frame after the other, with random pauses', async () => {
    const dut = await binningUnit()
    const random = new Random(1)
    for (let run = 0; run < 120; run++) {
      const binning = pick(random, [1, 2, 4] as const)
      const side = (): number => binning * (1 + random.integer(9))
      const bins = randomBins(random, side(), side(), binning)
      const pause = pick(random, [0, 0.23, 0.78])
      expect(await bin(dut, bins, pause, random), `run ${run}`).toEqual(expected(bins))
    }
  })

  it.each([1, 2, 4] as const)('equals binFrame() for the longest rows at binning %i', async (binning) => {
    const dut = await binningUnit()
    const random = new Random(2)
    const bins = randomBins(random, 1024 * binning, 2 * binning, binning)
    expect(await bin(dut, bins, 0, random)).toEqual(expected(bins))
  })

  it('starts a frame anew after one that was not finished', async () => {
    const dut = await binningUnit()
    const random = new Random(3)
    for (let run = 0; run < 20; run++) {
      const bins = randomBins(random, 16, 8, 4)
      await bin(dut, { ...bins, contents: bins.contents.slice(0, 1 + random.integer(100)) }, 0.2, random)
      expect(await bin(dut, bins, 0.2, random)).toEqual(expected(bins))
    }
  })
})
