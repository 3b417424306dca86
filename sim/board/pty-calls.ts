import { closeSync, constants, openSync } from 'node:fs'
import { GemgateError } from '../../src/core/errors.ts'

/** The calls of the C library, and how much room a termios structure needs at most. */
async function libc() {
  const { default: koffi } = await import('koffi').catch((error: unknown) => {
    throw new GemgateError(
      'GG_TOOL_MISSING',
      'pseudo-terminals need the package koffi, which cannot be loaded',
      'Run npm install koffi@3; gemgate doctor says more.',
      { cause: error },
    )
  })
  const library = koffi.load(null)
  return {
    posixOpenpt: library.func('int posix_openpt(int flags)'),
    grantpt: library.func('int grantpt(int fd)'),
    unlockpt: library.func('int unlockpt(int fd)'),
    ptsname: library.func('int ptsname_r(int fd, _Out_ uint8_t *name, size_t size)'),
    tcgetattr: library.func('int tcgetattr(int fd, _Out_ uint8_t *termios)'),
    cfmakeraw: library.func('void cfmakeraw(_Inout_ uint8_t *termios)'),
    tcsetattr: library.func('int tcsetattr(int fd, int action, uint8_t *termios)'),
  }
}

const nameBytes = 128
const termiosBytes = 256

/**
 * Both sides of a new pseudo-terminal in raw mode: no echo, no line editing, all eight bits. The master does not block.
 * While the slave is held open here, hosts may come and go without the master ever meeting an end of file.
 */
export async function openPty(): Promise<{ master: number; slave: number; path: string }> {
  if (process.platform !== 'linux')
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `pseudo-terminals are served on Linux, not on ${process.platform}`,
      'Use the board in this process, or a machine with Linux.',
    )
  const calls = await libc()
  const opened: number[] = []
  try {
    const flags = constants.O_RDWR | constants.O_NOCTTY
    const master = calls.posixOpenpt(flags | constants.O_NONBLOCK) as number
    if (master < 0) throw new Error('posix_openpt failed')
    opened.push(master)
    const name = Buffer.alloc(nameBytes)
    check('grantpt', calls.grantpt(master))
    check('unlockpt', calls.unlockpt(master))
    check('ptsname_r', calls.ptsname(master, name, nameBytes))
    const path = name.toString('latin1', 0, name.indexOf(0))
    const slave = openSync(path, flags)
    opened.push(slave)
    const termios = Buffer.alloc(termiosBytes)
    check('tcgetattr', calls.tcgetattr(slave, termios))
    calls.cfmakeraw(termios)
    check('tcsetattr', calls.tcsetattr(slave, 0, termios))
    return { master, slave, path }
  } catch (cause) {
    for (const fd of opened) closeSync(fd)
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `the system gave no pseudo-terminal: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Mount devpts at /dev/pts (containers), or close programs that hold many terminals or files.',
      { cause },
    )
  }
}

function check(call: string, result: number): void {
  if (result !== 0) throw new Error(`${call} failed`)
}
