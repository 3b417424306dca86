import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { capabilityWord } from '../../src/board/capability.ts'
import { registerSchema } from '../../src/board/register-schema.ts'
import { frameRegisters, settingsRegisters } from '../../src/board/settings-registers.ts'
import { Random } from '../../src/core/random.ts'
import type { BoardProfile } from '../../src/toolchain/board-profile.ts'
import { type Bitstream, buildBitstream } from '../../src/toolchain/build-bitstream.ts'
import { manifestText } from '../../src/toolchain/manifest.ts'
import { Datapath } from '../../src/trigger/datapath.ts'
import { duplexBoard, slowLink } from './boards.ts'
import { shippedClassifier } from './classifier.ts'
import { root } from './hdl-files.ts'
import { NetlistBoard } from './netlist-board.ts'
import { firstDifference, tally } from './packets.ts'
import { randomShot } from './shots.ts'

const timeout = 400_000

/** Builds a board's bitstream from the sources, compares it with the committed one, and simulates its netlist. */
export function bitstreamSuite(board: BoardProfile, seed: number): void {
  describe(`bitstream for ${board.name}`, () => {
    let built: Bitstream
    let device: NetlistBoard
    beforeAll(async () => {
      built = await buildBitstream(board)
      device = await NetlistBoard.load(built.netlist, board.top, board.clock / 3_000_000)
    }, timeout)
    afterAll(() => device?.close())

    it('is reproduced byte for byte', () => {
      expect(manifestText(built.manifest)).toBe(readFileSync(`${root}bitstreams/${board.name}.json`, 'utf8'))
      const committed = readFileSync(`${root}bitstreams/${board.name}.bin`)
      expect(Buffer.compare(committed, built.image)).toBe(0)
    })

    it(
      'is made of a netlist that gives the event bytes of the specification at the pins of its UART',
      async () => {
        await using link = await duplexBoard(device, { ...slowLink, minimumTimeout: 3000 })
        expect(link.info).toMatchObject({
          build: BigInt(`0x${built.manifest.buildId}`),
          clock: board.clock,
          schema: registerSchema,
          capability: board.capability,
        })
        expect(await link.read('capability')).toBe(capabilityWord(board.capability))
        expect(await link.read('build')).toBe(Number.parseInt(built.manifest.buildId.slice(8), 16))
        const random = new Random(seed)
        const shots = Array.from({ length: 6 }, (_, frame) =>
          randomShot(random, frame, { columns: 24, rows: 20, binning: 1, tiles: false }),
        )
        const datapath = new Datapath(shippedClassifier(), board.capability.labelBits)
        const expected = shots.map((shot) =>
          datapath.process(shot.pixels, shot.words, shot.settings, shot.frame, shot.timeTag),
        )
        const events = link.receive('events')[Symbol.asyncIterator]()
        const found: Uint8Array[] = []
        for (const { settings, pixels, words, frame, timeTag } of shots) {
          await link.writeAll([...settingsRegisters(settings), ...frameRegisters(frame, timeTag)])
          await link.send('pedestal', new Uint8Array(words.buffer))
          await link.send('pixels', new Uint8Array(pixels.buffer))
          found.push((await events.next()).value)
        }
        expect(firstDifference(shots, expected, found)).toBe('')
        expect(tally(found).cluster).toBeGreaterThan(3)
      },
      timeout,
    )
  })
}
