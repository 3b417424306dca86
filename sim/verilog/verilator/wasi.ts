const success = 0
const badDescriptor = 8

/**
 * The system calls that the C library of a WebAssembly module asks for, without a system: no files, no environment,
 * no time, and output goes nowhere. A model reports through its own interface.
 */
export function noSystem(memory: () => ArrayBuffer): Readonly<Record<string, unknown>> {
  const zero = (...addresses: number[]) => {
    for (const address of addresses) new DataView(memory()).setUint32(address, 0, true)
    return success
  }
  const calls: Record<string, (...values: number[]) => number> = {
    environ_sizes_get: zero,
    args_sizes_get: zero,
    environ_get: () => success,
    args_get: () => success,
    clock_time_get: (_clock, _low, address) => zero(address!, address! + 4),
    clock_res_get: (_clock, address) => zero(address!, address! + 4),
    random_get: (address, length) => {
      new Uint8Array(memory(), address, length).fill(0)
      return success
    },
    proc_exit: (status) => {
      throw new Error(`the model ended with status ${status}`)
    },
  }
  return new Proxy(calls, { get: (known, name) => known[String(name)] ?? (() => badDescriptor) })
}
