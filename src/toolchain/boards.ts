import { fullCapability, type LogicCapability } from '../board/capability.ts'
import { GemgateError } from '../core/errors.ts'
import type { BoardProfile } from './board-profile.ts'

const macroFolders = ['hdl/board', 'hdl/link', 'hdl/macro', 'hdl/trigger', 'hdl/classifier', 'hdl/network']
const fullFolders = ['hdl/board', 'hdl/link', 'hdl/trigger', 'hdl/classifier', 'hdl/network']

function small(macroSide: number, labelBits: number, gainBits: number): LogicCapability {
  return { input: 'macro-pixels', macroSide, labelBits, gainBits, tiles: false }
}

function sizes({ macroSide, labelBits, gainBits }: LogicCapability): Record<string, number> {
  return { MACRO_SIDE: macroSide, LABEL_BITS: labelBits, GAIN_BITS: gainBits }
}

const icebreaker = small(1024, 8, 10)
const hx8k = small(256, 5, 8)

const artix = {
  status: 'simulated',
  package: 'FBG484',
  flow: 'vivado',
  oscillator: 100_000_000,
  clock: 62_500_000,
  link: { kind: 'pcie', lanes: 4, generation: 1 },
  usb: [],
  pins: {
    pcie_clk_p: 'F6',
    pcie_clk_n: 'E6',
    pcie_rst_n: 'J1',
    pcie_clkreq_n: 'G1',
    'pcie_rx_p[0]': 'B10',
    'pcie_rx_n[0]': 'A10',
    'pcie_tx_p[0]': 'B6',
    'pcie_tx_n[0]': 'A6',
    'pcie_rx_p[1]': 'B8',
    'pcie_rx_n[1]': 'A8',
    'pcie_tx_p[1]': 'B4',
    'pcie_tx_n[1]': 'A4',
    'pcie_rx_p[2]': 'D11',
    'pcie_rx_n[2]': 'C11',
    'pcie_tx_p[2]': 'D5',
    'pcie_tx_n[2]': 'C5',
    'pcie_rx_p[3]': 'D9',
    'pcie_rx_n[3]': 'C9',
    'pcie_tx_p[3]': 'D7',
    'pcie_tx_n[3]': 'C7',
    led_pcie: 'G3',
    led_link: 'H3',
  },
  top: 'xdma_top',
  logic: 'full_records_board',
  constraints: 'hdl/board/xdma.xdc',
  folders: fullFolders,
  parameters: {},
  capability: fullCapability,
} as const

/** The boards that gemgate has gateware for. None has been proven on hardware yet. */
export const boards: readonly BoardProfile[] = [
  {
    name: 'icebreaker',
    title: 'iCEBreaker 1.0',
    status: 'built',
    fpga: 'Lattice iCE40UP5K',
    device: 'up5k',
    package: 'sg48',
    flow: 'ice40',
    oscillator: 12_000_000,
    clock: 12_000_000,
    link: { kind: 'uart', baud: 3_000_000 },
    usb: [{ vendor: 0x0403, product: 0x6010, what: 'FT2232H: port A flash, port B UART' }],
    flash: { tool: 'iceprog', bytes: 16 * 2 ** 20 },
    pins: { clk: '35', uart_rx: '6', uart_tx: '9', led_red_n: '11', led_green_n: '37' },
    top: 'icebreaker_top',
    logic: 'icebreaker_top',
    folders: ['hdl/board/ice40up5k', ...macroFolders],
    constraints: 'hdl/board/icebreaker.pcf',
    parameters: sizes(icebreaker),
    capability: icebreaker,
    resources: { logicCells: 5280, blockRams: 30, multipliers: 8, singlePortRams: 4 },
  },
  {
    name: 'hx8k',
    title: 'iCE40-HX8K breakout board',
    status: 'built',
    fpga: 'Lattice iCE40HX8K',
    device: 'hx8k',
    package: 'ct256',
    flow: 'ice40',
    oscillator: 12_000_000,
    clock: 12_000_000,
    link: { kind: 'uart', baud: 3_000_000 },
    usb: [{ vendor: 0x0403, product: 0x6010, what: 'FT2232H: port A flash, port B UART' }],
    flash: { tool: 'iceprog', bytes: 4 * 2 ** 20 },
    pins: { clk: 'J3', uart_rx: 'B10', uart_tx: 'B12', led_heartbeat: 'B5', led_link: 'B4' },
    top: 'hx8k_top',
    logic: 'hx8k_top',
    folders: macroFolders,
    constraints: 'hdl/board/hx8k.pcf',
    parameters: sizes(hx8k),
    capability: hx8k,
    resources: { logicCells: 7680, blockRams: 32, multipliers: 0, singlePortRams: 0 },
  },
  {
    name: 'ulx3s-85f',
    title: 'ULX3S with LFE5U-85F',
    status: 'simulated',
    fpga: 'Lattice LFE5U-85F',
    device: '85k',
    package: 'CABGA381',
    flow: 'ecp5',
    oscillator: 25_000_000,
    clock: 30_000_000,
    link: { kind: 'uart', baud: 3_000_000 },
    usb: [{ vendor: 0x0403, product: 0x6015, what: 'FT231X: JTAG and UART' }],
    flash: { tool: 'openFPGALoader -b ulx3s', bytes: 16 * 2 ** 20 },
    pins: { clk: 'G2', uart_rx: 'M1', uart_tx: 'L4', led_heartbeat: 'B2', led_link: 'C2' },
    top: 'ulx3s_85f_top',
    logic: 'ulx3s_85f_top',
    folders: fullFolders,
    constraints: 'hdl/board/ulx3s_85f.lpf',
    parameters: {},
    capability: fullCapability,
    resources: { luts: 83_640, flipFlops: 83_640, blockRams: 208, multipliers: 156 },
  },
  {
    ...artix,
    name: 'acorn',
    title: 'Acorn CLE-215+',
    fpga: 'AMD XC7A200T',
    device: 'xc7a200tfbg484-3',
    flash: { tool: 'openFPGALoader -b acornCle215', bytes: 32 * 2 ** 20 },
    resources: { luts: 134_600, flipFlops: 269_200, blockRams: 730, multipliers: 740 },
  },
  {
    ...artix,
    name: 'litefury',
    title: 'LiteFury',
    fpga: 'AMD XC7A100T',
    device: 'xc7a100tfgg484-2',
    package: 'FGG484',
    flash: { tool: 'Vivado', bytes: 16 * 2 ** 20 },
    resources: { luts: 63_400, flipFlops: 126_800, blockRams: 270, multipliers: 240 },
  },
]

/** The profile of a board. Throws GG_USAGE for a name that is not in the table. */
export function findBoard(name: string): BoardProfile {
  const found = boards.find((board) => board.name === name)
  if (found !== undefined) return found
  throw new GemgateError(
    'GG_USAGE',
    `'${name}' is no board that gemgate has gateware for`,
    `The boards are ${boards.map((board) => board.name).join(', ')}.`,
  )
}
