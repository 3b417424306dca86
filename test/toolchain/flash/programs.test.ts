import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { FlashMonitor, FlashStep, Programmer } from '../../../src/toolchain/flash/flash-monitor.ts'
import { lastPercent } from '../../../src/toolchain/flash/last-percent.ts'
import { openProgrammer } from '../../../src/toolchain/flash/open-programmer.ts'
import { flashBoard } from '../../../src/toolchain/flash/procedure.ts'
import { runProgram } from '../../../src/toolchain/flash/run-program.ts'
import { FakePrograms, says } from './fake-program.ts'
import { smallTarget } from './ice40-writer.ts'
import { imageOf } from './simulated-setup.ts'

const image = imageOf(0x1111111111111111n, 1)
const { bytes } = image

class Steps implements FlashMonitor {
  readonly steps: FlashStep[] = []
  percent = 0
  changed = false
  enter(step: FlashStep): void {
    this.steps.push(step)
  }
  changes(): void {
    this.changed = true
  }
  progress(done: number): void {
    this.percent = Math.max(this.percent, done)
  }
}

/** Programs the image with a fake program; resolves to the error, or to undefined. */
async function program(
  tool: 'iceprog' | 'openfpgaloader' | 'dfu-util' | 'vivado',
  script: string,
  target = smallTarget,
): Promise<{ error: unknown; monitor: Steps; arguments: string[] }> {
  const name = tool === 'openfpgaloader' ? 'openFPGALoader' : tool
  await using fake = await FakePrograms.make({ [name]: script })
  const monitor = new Steps()
  let error: unknown
  let programmer: Programmer | undefined
  try {
    programmer = await openProgrammer(tool, target)
    await programmer.program(bytes, monitor)
    await programmer.configure(monitor)
  } catch (thrown) {
    error = thrown
  } finally {
    await programmer?.[Symbol.asyncDispose]()
  }
  const handed = await fake.arguments(name)
  for (const path of handed.filter((one) => /gemgate-flash-/.test(one))) expect(existsSync(path)).toBe(false)
  return { error, monitor, arguments: handed }
}

const iceprogTest = `if [ "$1" = -t ]; then echo 'flash ID: 0xEF 0x40 0x10 0x00' >&2; exit 0; fi`
const iceprogHead = `init..
cdone: high
reset..
cdone: low
flash ID: 0xEF 0x40 0x10 0x00
file size: 7434
erase 64kB sector at 0x000000..
programming..
addr 0x000000   0%\raddr 0x001200  62%\rdone.
reading..
addr 0x001200  62%\r`

describe('iceprog', () => {
  const run = (text: string, code: number) =>
    program('iceprog', `${iceprogTest}\n${says('stderr', text)}\nexit ${code}`)

  test('success needs VERIFY OK and CDONE', async () => {
    const { error, monitor, arguments: handed } = await run(`${iceprogHead}VERIFY OK\ncdone: high\nBye.`, 0)
    expect(error).toBeUndefined()
    expect(monitor.steps).toEqual(expect.arrayContaining(['write', 'verify']))
    expect(monitor.percent).toBe(62)
    expect(monitor.changed).toBe(true)
    expect(handed).toEqual(['-t', expect.stringMatching(/image\.bin$/)])
  })

  test('exit code 0 with CDONE low is a failure', async () => {
    const { error } = await run(`${iceprogHead}VERIFY OK\ncdone: low\nBye.`, 0)
    expect(error).toMatchObject({ code: 'GG_FLASH', message: expect.stringContaining('CDONE') })
  })

  test('exit code 0 without a verification is a failure', async () => {
    const { error } = await run(`${iceprogHead}cdone: high\nBye.`, 0)
    expect(error).toMatchObject({ code: 'GG_FLASH', message: expect.stringContaining('not verified') })
  })

  test('a difference is a failure', async () => {
    const { error } = await run(`${iceprogHead}Found difference between flash and file!\nABORT.`, 3)
    expect(error).toMatchObject({
      code: 'GG_FLASH',
      message: expect.stringContaining('flash and file differ'),
    })
  })

  test('no board', async () => {
    const text = `init..\nCan't find iCE FTDI USB device (vendor_id 0x0403, device_id 0x6010 or 0x6014).\nABORT.`
    const { error } = await program('iceprog', `${says('stderr', text)}\nexit 2`)
    expect(error).toMatchObject({
      code: 'GG_BOARD_UNAVAILABLE',
      message: expect.stringContaining("Can't find"),
    })
  })

  test('reads the former content for a backup', async () => {
    const script = `${iceprogTest}\nif [ "$1" = -R ]; then head -c "$2" /dev/zero > "$3"; echo 'done.' >&2; exit 0; fi`
    await using _fake = await FakePrograms.make({ iceprog: script })
    await using programmer = await openProgrammer('iceprog', smallTarget)
    expect(programmer.affected(bytes.length)).toBe(65536)
    expect(await programmer.read!(65536, new Steps())).toEqual(Buffer.alloc(65536))
  })

  test('a backup that is too short is a failure', async () => {
    const script = `${iceprogTest}\nhead -c 100 /dev/zero > "$3"; exit 0`
    await using _fake = await FakePrograms.make({ iceprog: script })
    await using programmer = await openProgrammer('iceprog', smallTarget)
    await expect(programmer.read!(65536, new Steps())).rejects.toMatchObject({ code: 'GG_FLASH' })
  })
})

const loaderVersion = `if [ "$1" = --Version ]; then echo 'openFPGALoader v0.10.0'; exit 0; fi`
const loaderWrite = `Parse file DONE
00
Detected: Winbond W25Q512 1 sectors size: 1Mb
\rErasing: [==================================================] 100.00%
Done
\rWriting: [==================================================] 100.00%
Done
Verifying write (May take time)
\rRead flash : [==================================================] 100.00%
Done`

describe('openFPGALoader', () => {
  const run = (stdout: string, stderr = '', code = 0) =>
    program(
      'openfpgaloader',
      `${loaderVersion}\n${says('stdout', stdout)}\n${stderr === '' ? '' : says('stderr', stderr)}\nexit ${code}`,
    )

  test('success', async () => {
    const { error, monitor, arguments: handed } = await run(`${loaderWrite}\nWait for CDONE DONE`)
    expect(error).toBeUndefined()
    expect(monitor.percent).toBe(100)
    expect(handed).toEqual([
      '--Version',
      '-b',
      'ice40_generic',
      '-f',
      '--verify',
      expect.stringMatching(/bin$/),
    ])
  })

  test.each([
    ['CDONE stays low', `${loaderWrite}\nWait for CDONE `, 'FAIL', 'CDONE'],
    ['erasing fails', 'Parse file DONE\n\rErasing: [====      ] 10.00%', '\nFail', 'Fail'],
    ['verification differs', `${loaderWrite}\nWait for CDONE DONE`, 'Verification failed at 4711', 'failed'],
    ['the file cannot be parsed', 'Parse file ', 'FAIL', 'FAIL'],
    ['it says nothing', '', '', 'does not report success'],
    ['protected', 'Parse file DONE\nunlock blocks', 'Error: block protection is set', 'Error'],
  ])('exit code 0 is a failure when %s', async (_what, stdout, stderr, expected) => {
    const { error } = await run(stdout, stderr)
    expect(error).toMatchObject({ code: 'GG_FLASH', message: expect.stringContaining(expected) })
  })

  test('no board', async () => {
    const { error } = await run(
      '',
      'unable to open ftdi device: -3 (device not found)\nJTAG init failed with: x',
      1,
    )
    expect(error).toMatchObject({ code: 'GG_FLASH', remedy: expect.stringContaining('udev') })
  })
})

describe('dfu-util', () => {
  const target = { ...smallTarget, tools: ['dfu-util'] as const, dfu: { id: '1d50:614b', alternate: 0 } }
  const list = `if [ "$1" = -l ]; then echo 'Found DFU: [1d50:614b] ver=0100, devnum=7, cfg=1, intf=0, alt=0'; exit 0; fi`
  const head = `dfu-util 0.11
Determining device status...
DFU state(2) = dfuIDLE, status(0) = No error condition is present
Copying data from PC to DFU device
Download\t[=========================] 100%         7434 bytes`

  test('success', async () => {
    const text = `${head}\nDownload done.\nDFU state(2) = dfuIDLE, status(0) = No error condition is present\nDone!`
    const { error, arguments: handed } = await program('dfu-util', `${list}\n${says('stdout', text)}`, target)
    expect(error).toBeUndefined()
    expect(handed.slice(1)).toEqual(['-d', '1d50:614b', '-a', '0', '-D', expect.stringMatching(/bit$/), '-R'])
  })

  test('exit code 0 with the device in dfuERROR is a failure', async () => {
    const text = `${head}\nstate(10) = dfuERROR, status(10)\nDone!`
    const { error } = await program('dfu-util', `${list}\n${says('stdout', text)}`, target)
    expect(error).toMatchObject({ code: 'GG_FLASH' })
  })

  test('no boot loader', async () => {
    const { error } = await program('dfu-util', 'exit 0', target)
    expect(error).toMatchObject({ code: 'GG_BOARD_UNAVAILABLE' })
  })
})

describe('Vivado', () => {
  const target = {
    ...smallTarget,
    tools: ['vivado'] as const,
    vivado: { device: 'xc7a100t_0', flash: 'part; rm' },
  }
  const version = `if [ "$1" = -version ]; then echo 'vivado v2024.1'; exit 0; fi`

  test('success needs the marker; names go as arguments, never into the script', async () => {
    const { error, arguments: handed } = await program(
      'vivado',
      `${version}\necho 'GEMGATE FLASH DONE'`,
      target,
    )
    expect(error).toBeUndefined()
    expect(handed).toContain('part; rm')
  })

  test.each([
    ['an error', `echo 'ERROR: [Labtools 27-2269] No devices detected'; echo 'GEMGATE FLASH DONE'`],
    ['no marker', 'echo INFO: started'],
  ])('exit code 0 with %s is a failure', async (_what, script) => {
    const { error } = await program('vivado', `${version}\n${script}`, target)
    expect(error).toMatchObject({ code: 'GG_FLASH' })
  })
})

test('the last percentage of what a program says', () => {
  expect(lastPercent('addr 0x000000   0%\raddr 0x001200  62%\rdone.')).toBe(62)
  expect(lastPercent('Writing: [====  ] 61.75%')).toBe(61)
  expect(lastPercent('Download\t[=====] 100%         7434 bytes')).toBe(100)
  expect(lastPercent('999%')).toBe(100)
  expect(lastPercent('no number %')).toBeUndefined()
})

describe('running programs', () => {
  test('a program that does not end is stopped, also when it ignores the polite way', async () => {
    await using _fake = await FakePrograms.make({ slow: `trap '' TERM\nwhile :; do sleep 0.1; done` })
    const began = performance.now()
    await expect(runProgram('slow', [], { limit: 100 })).rejects.toMatchObject({ code: 'GG_FLASH' })
    expect(performance.now() - began).toBeLessThan(6000)
  })

  test('an abort ends it', async () => {
    await using _fake = await FakePrograms.make({ slow: 'exec sleep 60' })
    const abort = new AbortController()
    const run = runProgram('slow', [], { limit: 50_000, signal: abort.signal })
    await sleep(50)
    abort.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
  })

  test('an endless output is cut', async () => {
    await using _fake = await FakePrograms.make({ loud: 'head -c 5000000 /dev/zero | tr "\\000" x' })
    expect((await runProgram('loud', [], { limit: 20_000 })).stdout).toHaveLength(1 << 20)
  })

  test('what is not installed', async () => {
    await expect(runProgram('gemgate-no-such-program', [], { limit: 1000 })).rejects.toMatchObject({
      code: 'GG_TOOL_MISSING',
    })
    const path = process.env['PATH']
    process.env['PATH'] = '/nonexistent'
    try {
      const target = { ...smallTarget, tools: ['iceprog', 'openfpgaloader'] as const }
      await expect(openProgrammer('auto', target)).rejects.toMatchObject({ code: 'GG_TOOL_MISSING' })
    } finally {
      process.env['PATH'] = path
    }
    await expect(openProgrammer('vivado', smallTarget)).rejects.toMatchObject({ code: 'GG_USAGE' })
  })
})

describe('the procedure with a program that lies', () => {
  test('verified and CDONE high, and still no success while the board says another build', async () => {
    const script = `${iceprogTest}\n${says('stderr', `${iceprogHead}VERIFY OK\ncdone: high\nBye.`)}`
    await using _fake = await FakePrograms.make({ iceprog: script })
    let build = 0x2222222222222222n
    const options = {
      board: 'small',
      openProgrammer: () => openProgrammer('iceprog', smallTarget),
      askBuild: async () => build,
      backupFolder: null,
    }
    await expect(flashBoard(image, options)).rejects.toMatchObject({
      code: 'GG_FLASH',
      message: expect.stringMatching(/^step "compare build" failed.*2222222222222222/),
    })
    build = image.build!
    const again = await flashBoard(image, options)
    expect(again).toMatchObject({ build, programmer: 'iceprog', backup: null })
    // It said so before as well, and the program does not hold the FPGA in reset: perhaps it wrote another board.
    expect(again.notes).toEqual([expect.stringContaining('returned this build before as well')])
  })
})
