import { describe, expect, it } from 'vitest'
import { Random } from '../../src/core/random.ts'
import { type Classifier, Datapath } from '../../src/trigger/datapath.ts'
import { decodeEventPacket } from '../../src/trigger/event-packet.ts'
import { decodeMacroPixels, encodeMacroPixels } from '../../src/trigger/macro-bytes.ts'
import { MacroDatapath } from '../../src/trigger/macro-datapath.ts'
import { type MacroFrame, macroFrame, macroGeometry } from '../../src/trigger/macro-frame.ts'
import { randomShot } from '../support/shots.ts'

const classify: Classifier = (features, scores) => {
  for (let i = 0; i < 3; i++) scores[i] = 100 * features[i]!
}

const random = new Random(1)
const shots = Array.from({ length: 80 }, (_, i) =>
  randomShot(random, i, { columns: 40, rows: 18, tiles: false }),
)

describe('the halves of the datapath', () => {
  it.each([8, 2])(
    'make the packet of the whole, also with bytes of macro-pixels between them (%i bits)',
    (bits) => {
      const whole = new Datapath(classify, bits)
      const half = new MacroDatapath(classify, bits)
      let reuse: MacroFrame | undefined
      let dropped = 0
      for (const { pixels, words, settings, frame, timeTag } of shots) {
        reuse = macroFrame(pixels, words, settings, reuse)
        const { clippedPixels } = reuse
        const macro = {
          ...macroGeometry(settings),
          ...decodeMacroPixels(encodeMacroPixels(reuse)),
          clippedPixels,
        }
        const packet = whole.process(pixels, words, settings, frame, timeTag)
        expect(half.process(macro, settings, frame, timeTag)).toEqual(packet)
        dropped += decodeEventPacket(packet).droppedRuns
      }
      if (bits === 2) expect(dropped).toBeGreaterThan(0)
      else expect(dropped).toBe(0)
    },
  )

  it('refuse macro-pixels of another geometry', () => {
    const { pixels, words, settings } = shots[0]!
    const macro = macroFrame(pixels, words, settings)
    const datapath = new MacroDatapath(classify)
    for (const other of [
      { ...macro, columns: macro.columns + 1 },
      { ...macro, rows: macro.rows - 1 },
      { ...macro, content: macro.content.subarray(1) },
      { ...macro, search: new Int32Array(0) },
    ])
      expect(() => datapath.process(other, settings, 0, 0)).toThrowError(
        expect.objectContaining({ code: 'GG_FRAME_GEOMETRY' }),
      )
  })
})
