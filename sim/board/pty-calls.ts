import { constants } from 'node:fs'
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

/** Opens a master for reading and writing without blocking, and says where its other side lies. */
export async function openPtyMaster(): Promise<{ master: number; path: string }> {
  if (process.platform !== 'linux')
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      `pseudo-terminals are served on Linux, not on ${process.platform}`,
      'Use the board in this process, or a machine with Linux.',
    )
  const calls = await libc()
  const master = calls.posixOpenpt(constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK) as number
  const name = Buffer.alloc(nameBytes)
  if (
    master < 0 ||
    calls.grantpt(master) !== 0 ||
    calls.unlockpt(master) !== 0 ||
    calls.ptsname(master, name, nameBytes) !== 0
  )
    throw new GemgateError(
      'GG_BOARD_UNAVAILABLE',
      'the system gave no pseudo-terminal',
      'Mount devpts at /dev/pts (containers), or close programs that hold many terminals.',
    )
  return { master, path: name.toString('latin1', 0, name.indexOf(0)) }
}

/** No echo, no line editing, all eight bits: bytes pass as they are. */
export async function rawMode(fd: number): Promise<void> {
  const calls = await libc()
  const termios = Buffer.alloc(termiosBytes)
  calls.tcgetattr(fd, termios)
  calls.cfmakeraw(termios)
  calls.tcsetattr(fd, 0, termios)
}
