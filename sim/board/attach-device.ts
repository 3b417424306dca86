import type { Carrier } from '../../src/link/carrier.ts'
import type { LinkDevice } from './link-device.ts'

/**
 * Joins a device to its end of a line: what comes goes in, what the device has goes out as fast as the line takes it.
 * Resolves when the line is gone. Rejects with what the device throws; then it is not asked any more.
 */
export function attachDevice(device: LinkDevice, line: Carrier): Promise<void> {
  return new Promise((resolve, reject) => {
    let sending = false
    let over = false
    const end = (): void => {
      over = true
      device.onOutput = undefined
      resolve()
    }
    /** What the device gives, unless it is over. */
    const ask = <T>(action: () => T): T | undefined => {
      if (over) return undefined
      try {
        return action()
      } catch (error) {
        reject(error)
        end()
        return undefined
      }
    }
    const transmit = (): Uint8Array | undefined => ask(() => device.transmit())
    const send = async (): Promise<void> => {
      sending = true
      // Only a line that is gone refuses bytes.
      for (let bytes = transmit(); bytes !== undefined; bytes = transmit()) await line.write(bytes).catch(end)
      sending = false
    }
    device.onOutput = () => {
      if (!sending && !over) void send()
    }
    line.listen({ data: (chunk) => ask(() => device.receive(chunk)), lost: end })
    void send()
  })
}
