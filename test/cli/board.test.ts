import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gemgate, start } from '../support/gemgate.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemgate-board-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Serves a board while `work` runs; returns how the server ended. */
async function served(args: readonly string[], work: (address: string) => Promise<void>) {
  const { child, finished } = start(folder, ['board', 'serve', ...args, '--json'])
  const { address } = await new Promise<{ address: string }>((resolve, reject) => {
    child.stdout!.once('data', (data) => resolve(JSON.parse(String(data))))
    child.once('close', () => reject(new Error('the server ended')))
  })
  await work(address)
  child.kill('SIGINT')
  return finished
}

describe('gemgate board', () => {
  it('says what a board is, and reads and writes its registers', async () => {
    const info = await gemgate(folder, 'board', 'info', 'model:', '--json')
    expect([info.stderr, info.code]).toEqual(['', 0])
    expect(JSON.parse(info.stdout)).toMatchObject({
      address: 'model:',
      kind: 'model',
      capability: { input: 'pixels', tiles: true },
      link: null,
    })
    const read = await gemgate(folder, 'board', 'read', 'model:', 'binning', 'link', '--json')
    expect(JSON.parse(read.stdout)).toEqual({ binning: 4, link: 1 })
    const write = await gemgate(folder, 'board', 'write', 'model:', 'width=0x100', 'height=12', '--json')
    expect(JSON.parse(write.stdout)).toEqual({ written: { width: 256, height: 12 } })
  })

  it('refuses what it cannot do with a code, before it opens anything', async () => {
    for (const [args, exit, code] of [
      [['write', 'model:', 'width'], 2, 'GG_USAGE'],
      [['write', 'serial:/dev/none', 'width=99999'], 1, 'GG_REGISTER'],
      [['info', 'serial:/dev/none'], 1, 'GG_BOARD_UNAVAILABLE'],
      [['info', 'model:', '--record', 'x.jsonl'], 2, 'GG_USAGE'],
      [['serve', 'model:'], 2, 'GG_USAGE'],
      [['serve', 'model:', '--pty', '--lossy', '2'], 2, 'GG_USAGE'],
      [['serve', 'model:', '--vfio-user', join(folder, 'no', 'socket')], 1, 'GG_BOARD_UNAVAILABLE'],
    ] as const) {
      const { code: left, stderr } = await gemgate(folder, 'board', ...args)
      expect([args, left, stderr]).toEqual([args, exit, expect.stringContaining(code)])
    }
  })

  it('serves a small board on a serial port that other commands test, record, replay and take data with', async () => {
    const out = join(folder, 'run')
    const ended = await served(['model:', '--pty', '--logic', 'macro-pixels'], async (address) => {
      expect(address).toMatch(/^serial:\/dev\/pts\/\d+\?baud=3000000$/)
      const test = await gemgate(folder, 'board', 'test', address, '--rounds', '20', '--json')
      expect([test.stderr.includes('GG_'), test.code]).toEqual([false, 0])
      expect(JSON.parse(test.stdout)).toMatchObject({
        ok: true,
        reads: { count: 20, errors: 0 },
        pattern: { errors: 0 },
        frames: { count: 2, errors: 0 },
      })
      const args = ['--frames', '2', '--geometry', 'test256', '--seed', '3', '--out']
      const record = join(folder, 'run.jsonl')
      const run = await gemgate(folder, 'run', '--board', address, '--record', record, ...args, out)
      expect(run.code).toBe(0)
      expect(run.stdout).toContain('the tile trigger is left off')
      const recorded = readFileSync(record)
      const refused = await gemgate(folder, 'board', 'info', address, '--record', record)
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('GG_OUTPUT')])
      expect(readFileSync(record).equals(recorded)).toBe(true)
      const again = await gemgate(folder, 'run', '--board', `replay:${record}`, ...args, `${out}-again`)
      expect(again.code).toBe(0)
      expect(readFileSync(join(`${out}-again`, 'events.jsonl'), 'utf8')).toBe(
        readFileSync(join(out, 'events.jsonl'), 'utf8'),
      )
      const devices = ['--devices', `model:,${address}`, '--frames', '2', '--geometry', 'test256']
      const compared = await gemgate(folder, 'compare', ...devices, '--reference', '0', '--json')
      expect(JSON.parse(compared.stdout).agreement).toMatchObject({ differingBytes: 0, frames: 2 })
      const other = await gemgate(folder, 'run', '--board', address, '--model', `${address}.onnx`)
      expect([other.code, other.stderr]).toEqual([1, expect.stringMatching(/^GG_/m)])
    })
    expect(ended.code).toBe(0)
  })

  it('serves a PCIe board on a socket', async () => {
    const socket = join(folder, 'socket')
    const ended = await served(['model:', '--vfio-user', socket], async (address) => {
      expect(address).toBe(`vfio-user:${socket}`)
      const test = await gemgate(folder, 'board', 'test', address, '--rounds', '50', '--json')
      expect([test.code, JSON.parse(test.stdout).ok]).toEqual([0, true])
    })
    expect([ended.code, existsSync(socket)]).toEqual([0, false])
  })

  it('serves on a bad line, and the test passes all the same', async () => {
    const ended = await served(['model:', '--pty', '--lossy', '0.02', '--seed', '2'], async (address) => {
      const test = await gemgate(folder, 'board', 'test', address, '--rounds', '100', '--json')
      const result = JSON.parse(test.stdout)
      expect([test.code, result.ok]).toEqual([0, true])
      expect(result.link.host.requestsRepeated + result.link.device.crcErrors).toBeGreaterThan(0)
    })
    expect(ended.code).toBe(0)
  })
})
