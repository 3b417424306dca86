import { GemgateError } from '../../core/errors.ts'

/** serialport tells by text only why a port could not be opened. */
const reasons: readonly [pattern: RegExp, what: string, remedy: string][] = [
  [
    /cannot lock/i,
    'is used by another program',
    'Close the other program (a serial monitor, ModemManager, another gemgate); "fuser -v PATH" names it.',
  ],
  [/busy/i, 'is used by another program', 'Close the other program; "fuser -v PATH" names it.'],
  [
    /permission|access denied|EACCES|EPERM/i,
    'may not be opened by this user',
    'Join the group that owns it: sudo usermod -aG dialout $USER, then log in again (docs/boards.md has a udev rule).',
  ],
  [
    /no such file|ENOENT|not found|no such device|ENODEV|ENXIO/i,
    'is not there',
    'Plug the board in; "ls /dev/ttyUSB* /dev/ttyACM*" and "dmesg" show the ports.',
  ],
  [
    /baud|inappropriate ioctl|ENOTTY|invalid argument/i,
    'is no serial port, or refuses the settings',
    'Name the port of the board and a baud rate that its bridge knows.',
  ],
]

/** The typed error for a port that cannot be opened. */
export function refusedPort(path: string, cause: unknown): GemgateError {
  const text = cause instanceof Error ? cause.message : String(cause)
  const [, what, remedy] = reasons.find(([pattern]) => pattern.test(text)) ?? [
    null,
    `cannot be opened (${text})`,
    'docs/boards.md lists what usually stands in the way.',
  ]
  return new GemgateError('GG_BOARD_UNAVAILABLE', `${path} ${what}`, remedy.replaceAll('PATH', path), {
    cause,
  })
}
