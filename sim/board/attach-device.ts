import type { Carrier } from '../../src/link/carrier.ts'
import type { LinkDevice } from './link-device.ts'

/**
 * Joins a device to its end of a line: what comes goes in, what the device has goes out as fast as the line takes it.
 * Resolves when the line is gone.
 */
export function attachDevice(device: LinkDevice, line: Carrier): Promise<void> {
  return new Promise((resolve) => {
    let sending = false
    let over = false
    const end = (): void => {
      over = true
      device.onOutput = undefined
      resolve()
    }
    const send = async (): Promise<void> => {
      sending = true
      try {
        for (let bytes = device.transmit(); bytes !== undefined && !over; bytes = device.transmit())
          await line.write(bytes)
      } catch {
        // Only a line that is gone refuses bytes.
        end()
      }
      sending = false
    }
    device.onOutput = () => {
      if (!sending && !over) void send()
    }
    line.listen({ data: (chunk) => device.receive(chunk), lost: end })
    void send()
  })
}
