import { describe, expect, it } from 'vitest'
import { MacroModelCore, macroCapability } from '../../sim/board/macro-model-core.ts'
import { capabilityWord } from '../../src/board/capability.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { Random } from '../../src/core/random.ts'
import type { Classifier } from '../../src/trigger/datapath.ts'
import { encodeMacroPixels } from '../../src/trigger/macro-bytes.ts'
import { macroFrame } from '../../src/trigger/macro-frame.ts'
import { expectedPackets } from '../support/packets.ts'
import { randomShot, type Shot } from '../support/shots.ts'

const classify: Classifier = (features, scores) => {
  for (let i = 0; i < 3; i++) scores[i] = 100 * features[i]!
}

const shots = (seed: number, count: number): Shot[] => {
  const random = new Random(seed)
  return Array.from({ length: count }, (_, i) =>
    randomShot(random, i, { columns: 24, rows: 18, tiles: false }),
  )
}

/** Writes what belongs to the frame and returns its bytes. */
function prepare(core: MacroModelCore, { settings, pixels, words, frame, timeTag }: Shot): Uint8Array {
  const macro = macroFrame(pixels, words, settings)
  for (const [name, value] of settingsRegisters(settings)) core.write(name, value)
  for (const [name, value] of frameRegisters(frame, timeTag)) core.write(name, value)
  core.write('clipped_pixels', macro.clippedPixels)
  return encodeMacroPixels(macro)
}

describe('MacroModelCore', () => {
  it('gives the packets of Datapath for macro-pixels in any cut', () => {
    const random = new Random(2)
    const core = new MacroModelCore(classify)
    const list = shots(1, 40)
    const found = list.map((shot) => {
      const bytes = prepare(core, shot)
      const packets: Uint8Array[] = []
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + random.integer(700)
        packets.push(...core.push(bytes.subarray(at, end)))
        at = end
      }
      expect(packets).toHaveLength(1)
      return packets[0]!
    })
    expect(found).toEqual(expectedPackets(list, classify))
    expect(core.read('frames')).toBe(40)
  })

  it('processes a frame with the registers that stood at its first byte', () => {
    const core = new MacroModelCore(classify)
    const [first, second] = shots(3, 2)
    const bytes = prepare(core, first!)
    expect(core.push(bytes.subarray(0, 1))).toEqual([])
    prepare(core, second!)
    expect(core.push(bytes.subarray(1))).toEqual(expectedPackets([first!], classify))
  })

  it.each(['reset', 'session'] as const)('forgets the frame at hand on %s', (how) => {
    const core = new MacroModelCore(classify)
    for (const shot of shots(4, 10)) {
      const bytes = prepare(core, shot)
      expect(core.push(bytes.subarray(0, bytes.length - 3))).toEqual([])
      if (how === 'reset') core.write('reset', 1)
      else core.session()
      expect(core.read('frames')).toBe(0)
      expect(core.push(bytes)).toEqual(expectedPackets([shot], classify))
    }
  })

  it('takes nothing without settings that it can run with', () => {
    const core = new MacroModelCore(classify, { ...macroCapability, macroSide: 16, gainBits: 0 })
    expect(core.push(new Uint8Array(1000))).toEqual([])
    const random = new Random(5)
    const shot = randomShot(random, 1, { columns: 17, rows: 4, exact: true, tiles: false })
    const wide = { ...shot, settings: { ...shot.settings, gains: null } }
    expect(core.push(prepare(core, wide))).toEqual([])
    expect(core.read('frames')).toBe(0)
  })

  it('says what it is', () => {
    const core = new MacroModelCore(classify, macroCapability, 0xdeadbeef)
    expect(core.read('schema')).toBe(registerSchema)
    expect(core.read('build')).toBe(0xdeadbeef)
    expect(core.read('capability')).toBe(capabilityWord(macroCapability))
    expect(core.read('binning')).toBe(4)
    core.write('threshold_low', 5)
    expect(core.read('threshold_low')).toBe(5)
  })
})
