import { describe, expect, it } from 'vitest'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { CoreTarget } from '../../sim/board/core-target.ts'
import { ModelCore } from '../../sim/board/model-core.ts'
import { Pty } from '../../sim/board/pty.ts'
import { testBoard } from '../../src/cli/board-test.ts'
import { Output } from '../../src/cli/output.ts'
import { twin } from '../support/boards.ts'

describe('gemgate board test', () => {
  it.each([
    ['gives no packets', (bytes: Uint8Array) => bytes.length],
    ['takes no pixels', () => 0],
  ])('ends with an error at a board whose logic %s, and writes its registers back', async (_, push) => {
    const target = new CoreTarget(new ModelCore(() => {}))
    target.push = push
    target.pull = () => undefined
    const line = await Pty.open()
    void attachDevice(twin(target, 'bytes'), line)
    const testing = testBoard(
      `serial:${line.path}`,
      { rounds: 10, patience: 300 },
      new Output(true),
      new AbortController().signal,
    )
    await expect(testing).rejects.toMatchObject({
      code: 'GG_STREAM',
      message: expect.stringContaining('no packet within 0.3 s'),
    })
    expect(target.read(4)).toBe(0)
    await line[Symbol.asyncDispose]()
  })
})
