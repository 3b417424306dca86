/** Flip-flops with the rising edge and without asynchronous set or reset; they power up as 0. */
export const ice40Registers: ReadonlyMap<string, { readonly enable: boolean; readonly reset?: 0 | 1 }> =
  new Map([
    ['\\SB_DFF', { enable: false }],
    ['\\SB_DFFE', { enable: true }],
    ['\\SB_DFFSR', { enable: false, reset: 0 }],
    ['\\SB_DFFESR', { enable: true, reset: 0 }],
    ['\\SB_DFFSS', { enable: false, reset: 1 }],
    ['\\SB_DFFESS', { enable: true, reset: 1 }],
  ])
