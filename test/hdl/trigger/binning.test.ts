import { describe, expect, it } from 'vitest'
import type { Simulation } from '../../../sim/verilog/index.ts'
import { Random } from '../../../src/core/random.ts'
import { binFrame } from '../../../src/trigger/pixel-stage.ts'
import { pick } from '../../support/shots.ts'
import { simulateStage } from '../../support/simulations.ts'
import { pulse, reader, rubbish, unsigned, writer } from '../../support/stage.ts'

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
  return [...macro].map((m) => unsigned(m, 18))
}

function expected(bins: Bins): number[][] {
  const search = sums(bins, bins.searches)
  return sums(bins, bins.contents).map((content, i) => [content, search[i]!])
}

function bin(simulation: Simulation, bins: Bins, pause: number, random: Random): number[][] {
  simulation.set('cfg_width', bins.width)
  simulation.set('cfg_binning', bins.binning)
  pulse(simulation, 'start')
  const advance = writer(simulation, 'advance')
  const valid = writer(simulation, 's_valid')
  const content = writer(simulation, 's_content')
  const search = writer(simulation, 's_search')
  const ready = writer(simulation, 'm_ready')
  const full = reader(simulation, 'm_valid')
  const macros = [reader(simulation, 'm_content'), reader(simulation, 'm_search')]
  const found: number[][] = []
  for (let sent = 0, clocks = 0, last = 0; sent < bins.contents.length || last < 20; clocks++) {
    if (clocks > 200_000) throw new Error(`stuck after ${sent} residuals`)
    const taking = random.integer(256) >= pause
    // The caller stops the pipeline while a macro-pixel waits.
    const moving = random.integer(256) >= pause && (full() === 0 || taking)
    const offering = sent < bins.contents.length && random.integer(256) >= pause
    ready(Number(taking))
    advance(Number(moving))
    valid(Number(offering))
    content(offering ? bins.contents[sent]! : rubbish(simulation, 's_content', random))
    search(offering ? bins.searches[sent]! : rubbish(simulation, 's_search', random))
    if (taking && full() === 1) found.push(macros.map((macro) => Number(macro())))
    simulation.step()
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
  it('equals binFrame() for every binning and odd sizes, one frame after the other, with random pauses', async () => {
    const simulation = await simulateStage('binning')
    const random = new Random(1)
    for (let run = 0; run < 120; run++) {
      const binning = pick(random, [1, 2, 4] as const)
      const side = (): number => binning * (1 + random.integer(9))
      const bins = randomBins(random, side(), side(), binning)
      const pause = pick(random, [0, 60, 200])
      expect(bin(simulation, bins, pause, random), `run ${run}`).toEqual(expected(bins))
    }
  })

  it.each([1, 2, 4] as const)('equals binFrame() for the longest rows at binning %i', async (binning) => {
    const simulation = await simulateStage('binning')
    const random = new Random(2)
    const bins = randomBins(random, 1024 * binning, 2 * binning, binning)
    expect(bin(simulation, bins, 0, random)).toEqual(expected(bins))
  })

  it('starts a frame anew after one that was not finished', async () => {
    const simulation = await simulateStage('binning')
    const random = new Random(3)
    for (let run = 0; run < 20; run++) {
      const bins = randomBins(random, 16, 8, 4)
      bin(simulation, { ...bins, contents: bins.contents.slice(0, 1 + random.integer(100)) }, 50, random)
      expect(bin(simulation, bins, 50, random)).toEqual(expected(bins))
    }
  })
})
