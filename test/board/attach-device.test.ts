import { closeSync, openSync, writeSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { Pty } from '../../sim/board/pty.ts'
import { XdmaBoard } from '../../sim/board/xdma-board.ts'
import { TestTarget } from '../link/test-target.ts'

describe('attachDevice', () => {
  it.each(['transmit', 'receive'] as const)('rejects with what the device throws in %s', async (method) => {
    const line = await Pty.open()
    const device = new LinkEndpoint(new TestTarget(), { framing: 'bytes', registers: 64 })
    device[method] = () => {
      throw new RangeError('a bug of the logic')
    }
    const attached = attachDevice(device, line)
    const fd = openSync(line.path, 'r+')
    writeSync(fd, Uint8Array.of(0x7e))
    await expect(attached).rejects.toThrow('a bug of the logic')
    closeSync(fd)
    await line[Symbol.asyncDispose]()
  })

  it('resolves when the line is gone', async () => {
    const line = new XdmaBoard()
    const device = new LinkEndpoint(new TestTarget(), { framing: 'records', registers: 64 })
    const attached = attachDevice(device, line)
    line.unplug()
    device.transmit = () => new Uint8Array(8)
    device.onOutput?.()
    await attached
  })
})
