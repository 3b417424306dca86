import { expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { classifierChoices, type Grid, quickGrid, usualGrid } from '../../src/explore/grid.ts'
import { choiceName, triggerName } from '../../src/explore/settings.ts'
import type { Pedestal } from '../../src/frame/pedestal.ts'
import { calibrate } from '../../src/trigger/calibrate.ts'
import type { CalibrationOptions } from '../../src/trigger/calibration-options.ts'
import { pedestalWords } from '../../src/trigger/pedestal-words.ts'

const names = classifierChoices(usualGrid).map(choiceName)

it('has a name for each of its points', () => {
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('mlp 10-7 w8 a7, folded all')
  expect(names).toContain('trees 16x3, unrolled 2')
  const triggers = usualGrid.triggers.map(triggerName)
  expect(new Set(triggers).size).toBe(triggers.length)
  expect(triggers).toContain('4x4, 6.5 sigma, pixels above 1 sigma')
})

it('keeps the order of its points when others come or go', () => {
  const { hidden } = usualGrid
  const fewer = classifierChoices({ ...usualGrid, hidden: hidden.slice(0, 4), forests: [] }).map(choiceName)
  expect(names.filter((name) => fewer.includes(name))).toEqual(fewer)
})

it('holds the threshold that a run takes by itself, and in full also larger ones', () => {
  const [width, height] = [64, 64]
  const pixels = width * height
  const random = new Random(1)
  const dark = [1, 2, 3].map(() =>
    Uint16Array.from({ length: pixels }, () => 100 + Math.round(2 * random.normal())),
  )
  const pedestal: Pedestal = {
    width,
    height,
    mean: new Float32Array(pixels).fill(100),
    sigma: new Float32Array(pixels).fill(2),
    hot: new Uint8Array(pixels),
    frames: 40,
  }
  const threshold = (options: CalibrationOptions): number =>
    calibrate({ width, height, binning: 4 }, pedestalWords(pedestal, width, height), dark, {
      tileSigma: null,
      ...options,
    }).thresholdHigh
  const tried = ({ triggers }: Grid): number[] => triggers.map(({ sigmaHigh }) => threshold({ sigmaHigh }))
  const usual = threshold({})
  for (const grid of [quickGrid, usualGrid]) expect(tried(grid)).toContain(usual)
  expect(Math.max(...tried(usualGrid))).toBeGreaterThan(usual)
})
