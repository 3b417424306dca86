import { describe, expect, it } from 'vitest'
import { verilogFiles } from '../../../sim/board/core-sources.ts'
import { encodeFor, FrameDecoder } from '../../../src/link/framer.ts'
import { decodeHelloReply, encodeHello } from '../../../src/link/hello.ts'
import { frameKind, type LinkFrame } from '../../../src/link/protocol.ts'
import { coreFiles, root } from '../../support/hdl-files.ts'
import { icarus } from '../native/native-core.ts'
import { runIcarus } from './run-icarus.ts'

const board = (name: string): string => `${root}hdl/board/${name}.sv`
const files = [
  `${root}test/hdl/board/xdma-models.sv`,
  ...['xdma_top', 'identification', 'full_records_board', 'full_core'].map(board),
  ...verilogFiles(`${root}hdl/link`),
  ...coreFiles,
]

const hello = encodeFor('records', {
  kind: frameKind.hello,
  flags: 0,
  seq: 0,
  aux: 0,
  payload: encodeHello(7, 0),
})

describe.skipIf(icarus.skip)(`xdma_top in Icarus Verilog${icarus.note}`, () => {
  it('names itself, answers HELLO, and does so again after the host held it in reset', () => {
    const view = new DataView(hello.buffer, hello.byteOffset, hello.length)
    const words = Array.from({ length: hello.length / 8 }, (_, i) =>
      view
        .getBigUint64(8 * i, true)
        .toString(16)
        .padStart(16, '0'),
    )
    const lines = runIcarus(files, words)
    const identity = lines.filter((line) => line.startsWith('R ')).map((line) => line.slice(2))
    expect(identity).toEqual(['4c494e4b', '9abcdef0', '12345678'])
    const beats = lines.filter((line) => line.startsWith('W ')).map((line) => line.split(' '))
    expect(beats.map(([, , last]) => last)).toEqual([...Array(6).fill('0'), '1', ...Array(6).fill('0'), '1'])
    const frames: LinkFrame[] = []
    const decoder = new FrameDecoder('records', 2036, (frame) => frames.push(frame))
    for (const [, word] of beats) {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigUint64(0, BigInt(`0x${word}`), true)
      decoder.push(bytes)
    }
    expect(decoder.errors).toBe(0)
    expect(frames.map(({ kind }) => kind)).toEqual([frameKind.helloReply, frameKind.helloReply])
    expect(decodeHelloReply(frames[1]!.payload)).toMatchObject({
      nonce: 7,
      schema: 0x89abcdef,
      build: 0x123456789abcdef0n,
      clock: 62_500_000,
    })
  })
})
