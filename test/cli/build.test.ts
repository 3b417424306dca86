import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { gemgate, start } from '../support/gemgate.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemgate-cli-build-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('boards lists status, device and link, and says that none is proven', async () => {
  const { code, stdout } = await gemgate(folder, 'boards')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^icebreaker +iCEBreaker 1\.0 +built +Lattice iCE40UP5K, 12 MHz +UART 3 Mbaud/m)
  expect(stdout).toMatch(/^acorn .* simulated .* PCIe/m)
  expect(stdout).toMatch(/No board is proven on hardware yet\./)
  const { boards } = JSON.parse((await gemgate(folder, 'boards', '--json')).stdout)
  expect(boards.map(({ name }: { name: string }) => name)).toContain('hx8k')
  expect(boards[0]).toMatchObject({ link: { kind: 'uart', baud: 3_000_000 }, pins: { clk: '35' } })
})

describe('build', () => {
  test('refuses boards that it does not know', async () => {
    const { code, stderr, stdout } = await gemgate(folder, 'build', 'nexys', '--json')
    expect(code).toBe(2)
    expect(stderr).toMatch(/GG_USAGE.*hx8k/)
    expect(JSON.parse(stdout).error.code).toBe('GG_USAGE')
  })

  test('refuses a folder that cannot be written, before any work', async () => {
    const { code, stderr } = await gemgate(folder, 'build', 'icebreaker', '--out', '/proc/bitstreams')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^GG_OUTPUT/)
  })

  test('stops on Ctrl-C and leaves nothing behind', async () => {
    const { child, finished } = start(folder, ['build', 'hx8k', '--out', 'stopped', '--json'])
    await new Promise((resolve) => child.stderr!.once('data', resolve))
    child.kill('SIGINT')
    const { code, stderr, stdout } = await finished
    expect(code).toBe(1)
    expect(stderr).toMatch(/interrupted\n$/)
    expect(JSON.parse(stdout)).toEqual({ interrupted: true })
    expect(await readdir(folder)).not.toContain('stopped')
  })
})
