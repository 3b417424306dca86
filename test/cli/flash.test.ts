import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attachDevice } from '../../sim/board/attach-device.ts'
import { LinkEndpoint } from '../../sim/board/link-endpoint.ts'
import { Pty } from '../../sim/board/pty.ts'
import { fullCapability } from '../../src/board/capability.ts'
import { boardPorts } from '../../src/cli/flash-port.ts'
import { Random } from '../../src/core/random.ts'
import { findBoard } from '../../src/toolchain/boards.ts'
import { deviceUsers } from '../../src/toolchain/flash/device-users.ts'
import { type BitstreamManifest, manifestText } from '../../src/toolchain/manifest.ts'
import { gemgate } from '../support/gemgate.ts'
import { FakePrograms, says } from '../toolchain/flash/fake-program.ts'
import { writeIce40 } from '../toolchain/flash/ice40-writer.ts'

let folder: string
const image = writeIce40(new Random(1), { device: '5k' })
const use = { used: 1, available: 2 }
const manifest: BitstreamManifest = {
  format: 1,
  board: 'icebreaker',
  device: 'up5k',
  package: 'sg48',
  top: 'icebreaker_top',
  clock: 12_000_000,
  fmax: 13_000_000,
  slack: 1,
  baud: 3_000_000,
  seed: 1,
  resources: {
    logicCells: use,
    luts: 1,
    flipFlops: 1,
    blockRams: use,
    multipliers: use,
    singlePortRams: use,
  },
  sourceHash: '0123456789abcdef'.repeat(4),
  buildId: '0123456789abcdef',
  registerSchema: '01234567',
  protocolVersion: 1,
  capability: fullCapability,
  tools: {},
  sources: [],
  image: { file: 'x.bin', bytes: image.length, sha256: createHash('sha256').update(image).digest('hex') },
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemgate-flash-'))
  await writeFile(join(folder, 'x.bin'), image)
  await writeFile(join(folder, 'x.json'), manifestText(manifest))
  await writeFile(join(folder, 'bare.bin'), image)
  const damaged = image.slice()
  damaged[5000]! ^= 4
  await writeFile(join(folder, 'damaged.bin'), damaged)
})
afterAll(() => rm(folder, { recursive: true }))

/** The board on a pseudo-terminal: its logic says this build. */
async function boardOnPty(build: bigint): Promise<Pty> {
  const pty = await Pty.open()
  const logic = { dropped: 0, read: () => 0, write: () => {}, pull: () => undefined, session: () => {} }
  const target = { ...logic, push: (bytes: Uint8Array) => bytes.length }
  attachDevice(new LinkEndpoint(target, { framing: 'bytes', registers: 1, build }), pty)
  return pty
}

const transcript = 'programming..\ndone.\nreading..\naddr 0x001200  62%\rVERIFY OK\ncdone: high\nBye.'
const iceprog = (former: string) => `case "$1" in
-t) echo 'flash ID: 0xEF 0x70 0x18 0x00' >&2;;
-R) cp '${former}' "$3"; truncate -s "$2" "$3"; echo 'done.' >&2;;
*) ${says('stderr', transcript)}
esac`

describe('gemgate flash', () => {
  test('--check says what an image is', async () => {
    const good = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', '--check', '--json')
    expect(good.code).toBe(0)
    expect(JSON.parse(good.stdout)).toMatchObject({ ok: true, build: manifest.buildId, bytes: image.length })
    const bare = await gemgate(folder, 'flash', 'icebreaker', 'bare.bin', '--check')
    expect(bare).toMatchObject({ code: 0, stdout: expect.stringContaining('note: no manifest') })
  })

  test.each([
    [['icebreaker', 'damaged.bin', '--check'], 1, 'GG_IMAGE'],
    [['hx8k', 'bare.bin', '--check'], 1, 'GG_IMAGE'],
    [['icebreaker', '/dev/zero', '--check'], 1, 'GG_IMAGE'],
    [['icebreaker', 'none.bin'], 1, 'GG_FILE_NOT_FOUND'],
    [['nothing', 'x.bin'], 2, 'GG_USAGE'],
    [['icebreaker', '--restore', 'x.bin'], 1, 'GG_IMAGE'],
  ] as const)('%j ends with %i and %s', async (args, code, error) => {
    const run = await gemgate(folder, 'flash', ...args, '--json')
    expect(run.code, run.stderr).toBe(code)
    expect(JSON.parse(run.stdout).error.code).toBe(error)
  })

  test('without a board it ends quickly with what to do', async () => {
    const began = performance.now()
    const run = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', '--port', 'serial:/dev/ttyUSB99')
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/GG_BOARD_UNAVAILABLE: .*USB/)
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  test('programs, asks over the serial port, keeps the former content, and gives it back', async () => {
    await using _programs = await FakePrograms.make({ iceprog: iceprog(join(folder, 'x.bin')) })
    await using pty = await boardOnPty(0x0123456789abcdefn)
    const common = ['--tool', 'iceprog', '--port', `serial:${pty.path}?baud=115200`, '--json']
    const run = await gemgate(folder, 'flash', 'icebreaker', 'x.bin', ...common)
    expect(run.code, run.stderr).toBe(0)
    const result = JSON.parse(run.stdout)
    expect(result).toMatchObject({ build: manifest.buildId, programmer: 'iceprog', bytes: image.length })
    expect(run.stderr).toContain('verify')
    const back = await gemgate(folder, 'flash', 'icebreaker', '--restore', result.backup, ...common)
    expect(back.code, back.stderr).toBe(0)
    expect(JSON.parse(back.stdout)).toMatchObject({ build: manifest.buildId, bytes: 131072 })
  })

  test('a backup that cannot be what the board runs stops it', async () => {
    await using _programs = await FakePrograms.make({ iceprog: iceprog(join(folder, 'damaged.bin')) })
    await using pty = await boardOnPty(0x0123456789abcdefn)
    const port = `serial:${pty.path}?baud=115200`
    const run = await gemgate(
      folder,
      'flash',
      'icebreaker',
      'x.bin',
      '--tool',
      'iceprog',
      '--port',
      port,
      '--json',
    )
    expect(run.code).toBe(1)
    expect(JSON.parse(run.stdout).error).toMatchObject({
      code: 'GG_FLASH',
      message: expect.stringMatching(/^step "back up" failed.*not changed/),
    })
  })

  test('a board that returns another build is a failure, whatever the program said', async () => {
    await using _programs = await FakePrograms.make({ iceprog: iceprog('/dev/null') })
    await using pty = await boardOnPty(0x1111n)
    const port = `serial:${pty.path}?baud=115200`
    const run = await gemgate(
      folder,
      'flash',
      'icebreaker',
      'x.bin',
      '--tool',
      'iceprog',
      '--port',
      port,
      '--no-backup',
    )
    expect(run.code).toBe(1)
    expect(run.stderr).toMatch(/GG_FLASH: step "compare build" failed.*0000000000001111/)
  })
})

test('the UART of a bridge with two ports is the second one', () => {
  const { usb } = findBoard('icebreaker')
  const port = (path: string, interfaceNumber: string) => ({
    path,
    vendorId: '0403',
    productId: '6010',
    pnpId: `usb-1BitSquared_iCEBreaker_V1.0e_ib0-if${interfaceNumber}-port0`,
  })
  const ports = [port('/dev/ttyUSB0', '00'), port('/dev/ttyUSB1', '01'), { path: '/dev/ttyS0' }]
  expect(boardPorts(ports, usb).map(({ path }) => path)).toEqual(['/dev/ttyUSB1'])
  expect(boardPorts([], usb)).toEqual([])
})

test('who holds a device file', async () => {
  const file = join(folder, 'xdma0_user')
  await writeFile(file, '')
  const fd = join(folder, 'proc', '4711', 'fd')
  await mkdir(fd, { recursive: true })
  await symlink(file, join(fd, '3'))
  await using _handle = await open(file)
  expect(await deviceUsers(join(folder, 'xdma0_'), join(folder, 'proc'))).toEqual([4711])
  expect(await deviceUsers(join(folder, 'xdma1_'), join(folder, 'proc'))).toEqual([])
  expect(await deviceUsers(join(folder, 'xdma0_'))).toEqual([])
})
