import { describe, expect, it } from 'vitest'
import { CoreTarget } from '../../sim/board/core-target.ts'
import type { LinkTarget } from '../../sim/board/link-device.ts'
import { MacroModelCore } from '../../sim/board/macro-model-core.ts'
import { MacroTarget } from '../../sim/board/macro-target.ts'
import { ModelCore } from '../../sim/board/model-core.ts'
import { PixelInterleaver } from '../../src/board/pixel-interleaver.ts'
import { type RegisterName, registerAddress } from '../../src/board/registers.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { Random } from '../../src/core/random.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import { pedestalWord } from '../../src/trigger/pedestal-words.ts'
import type { TriggerSettings } from '../../src/trigger/settings.ts'

const classify: Classifier = (_, scores) => scores.fill(7)

const settings: TriggerSettings = {
  width: 16,
  height: 16,
  binning: 1,
  clipLow: 1600,
  clipHigh: 80000,
  weights: null,
  commonMode: null,
  gains: null,
  thresholdLow: 2000,
  thresholdHigh: 8000,
  link: 1,
  minimumPixels: 1,
  tiles: null,
}

function write(target: LinkTarget, writes: Iterable<readonly [RegisterName, number]>): void {
  for (const [name, value] of writes) target.write(registerAddress.get(name)!, value)
}

describe('CoreTarget', () => {
  it.each([
    ['width', 32],
    ['height', 0],
    ['binning', 0],
    ['threshold_low', 0],
    ['frame_number', 9],
    ['time_high', 9],
  ] as const)('processes a frame with the registers of its first byte when %s becomes %d', (name, value) => {
    const target = new CoreTarget(new ModelCore(classify))
    write(target, [...settingsRegisters(settings), ...frameRegisters(5, 77)])
    const random = new Random(3)
    const pixels = Uint16Array.from({ length: 256 }, () => (random.integer(20) === 0 ? 3000 : 100))
    const words = new Uint32Array(256).fill(pedestalWord(100, 3, false))
    const bytes = new PixelInterleaver().encode(new Uint8Array(pixels.buffer), 0, words)
    for (const cut of [1, 600, bytes.length - 1]) {
      expect(target.push(bytes.subarray(0, cut))).toBe(cut)
      write(target, [[name, value]])
      expect(target.push(bytes.subarray(cut))).toBe(bytes.length - cut)
      expect(target.pull()).toEqual(new Datapath(classify).process(pixels, words, settings, 5, 77))
      write(target, [...settingsRegisters(settings), ...frameRegisters(5, 77)])
    }
  })
})

describe.each([
  ['CoreTarget', () => new CoreTarget(new ModelCore(classify))],
  ['MacroTarget', () => new MacroTarget(new MacroModelCore(classify))],
] as const)('%s', (_, make) => {
  it('takes any registers and bytes in any order without an exception', () => {
    const random = new Random(4)
    const names = [
      'width',
      'height',
      'binning',
      'gain_enable',
      'tile_enable',
      'weight_enable',
      'reset',
    ] as const
    let packets = 0
    for (let run = 0; run < 60; run++) {
      const target = make()
      write(target, settingsRegisters(settings))
      for (let n = 0; n < 60; n++) {
        // Mostly settings that can run, else no frame ever begins.
        if (random.integer(4) === 0) target.write(random.integer(registerAddress.size), random.uint32())
        else write(target, [[names[random.integer(names.length)]!, 8 << random.integer(3)]])
        if (random.integer(2) === 0) write(target, settingsRegisters(settings))
        if (random.integer(30) === 0) target.session()
        target.push(Uint8Array.from({ length: random.integer(1500) }, () => random.integer(256)))
        if (random.integer(3) > 0 && target.pull() !== undefined) packets++
      }
    }
    expect(packets).toBeGreaterThan(100)
  })
})
