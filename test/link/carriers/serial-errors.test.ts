import { expect, it } from 'vitest'
import { refusedPort } from '../../../src/link/carriers/serial-errors.ts'

it.each([
  ['Error Resource temporarily unavailable Cannot lock port', 'used by another program', 'fuser -v /dev/x'],
  ['Error: Device or resource busy, cannot open /dev/x', 'used by another program', 'fuser'],
  ['Error: Permission denied, cannot open /dev/x', 'may not be opened', 'dialout'],
  ['Error: No such file or directory, cannot open /dev/x', 'is not there', 'dmesg'],
  ['Error: Inappropriate ioctl for device, cannot open /dev/x', 'is no serial port', 'Name the port'],
  ['something else', 'cannot be opened (something else)', 'docs/boards.md'],
])('says of %j what it means and what to do', (text, what, remedy) => {
  const cause = new Error(text)
  expect(refusedPort('/dev/x', cause)).toMatchObject({
    code: 'GG_BOARD_UNAVAILABLE',
    message: expect.stringContaining(what),
    remedy: expect.stringContaining(remedy),
    cause,
  })
})
