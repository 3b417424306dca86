import type { ProveOptions } from '../../../sim/verilog/formal/proof-options.ts'
import type { HarnessOptions } from './stream-harness.ts'

/** What the proof of one module needs besides the rules. */
export interface StreamProof
  extends HarnessOptions,
    Pick<ProveOptions, 'parameters' | 'free' | 'freeMemories'> {}

const recoilTrigger = (path: string) =>
  [
    'skid_i',
    'pixel_stage_i',
    'tile_deviation_i',
    'binning_i',
    'common_mode_i',
    'matched_filter_i',
    'region_gain_i',
    'region_blocks_i',
    'fifo_i',
    'clustering_i',
    'cluster_features_i',
    'recoil_mlp_i',
  ].map((unit) => `${path}.${unit}`)

export const streamProofs: Readonly<Record<string, StreamProof>> = {
  beats_to_vector: {},
  binning: { body: 'always_comb if (m_valid & !m_ready) stops: assume (!advance);' },
  cluster_features: {},
  cluster_processor: {},
  clustering: {
    parameters: { LABEL_BITS: 5, COLUMN_BITS: 5 },
    drop: 'start',
    signals: { state: 5 },
    body: "always_comb if (!first & m_valid) in_emit: assert (dut.state == 5'd23);",
  },
  common_mode: { drop: 'start' },
  core_bytes: { drop: 'dut.drop', signals: { drop: 1 } },
  event_packet: {},
  folded_collect: {},
  frame_transmitter: {
    signals: { offset: 9 },
    body: `
  logic [8:0] place, place_before;
  logic [7:0] byte_before;
  always_ff @(posedge clk) begin
    place <= read_offset;
    place_before <= place;
    byte_before <= payload_data;
  end
  always_comb begin
    if (start) one_frame: assume (!busy & !header_valid);
    if (place == place_before) same_byte: assume (payload_data == byte_before);
    if (!first) reads_on: assert (dut.offset == place);
  end`,
  },
  full_core: {
    signals: { 'core_bytes_i.drop': 1, 'gemgate_core_i.reset': 1 },
    drop: 'dut.core_bytes_i.drop | dut.gemgate_core_i.reset',
    free: recoilTrigger('dut.gemgate_core_i.recoil_trigger_i'),
  },
  full_records_board: { free: ['dut.full_core_i', 'dut.link_records_i.link_endpoint_i'] },
  gemgate_core: {
    signals: { reset: 1 },
    drop: 'dut.reset',
    free: recoilTrigger('dut.recoil_trigger_i'),
  },
  hdlc_rx: {},
  hdlc_tx: {},
  link_bytes: { drop: 'session', streams: ['reg_', 'm_axis_'] },
  link_endpoint: { drop: 'session', streams: ['reg_', 'm_axis_'] },
  link_records: { drop: 'session' },
  link_uart: { drop: 'session' },
  macro_core: { drop: 'dut.clear', signals: { clear: 1 } },
  macro_filter: { drop: 'start' },
  macro_gain: {
    drop: 'start',
    signals: { running: 1 },
    body: `
  logic enabled;
  always_ff @(posedge clk) enabled <= cfg_enable;
  always_comb if (s_valid) settings_stay: assume (cfg_enable == enabled);
  always_comb
    if (!first) begin
      one_at_a_time: assert (!(dut.running & m_valid));
      held: assert (!(dut.running | m_valid) | s_valid);
    end`,
  },
  macro_unpack: {},
  matched_filter: {},
  receive_slots: { drop: 'flush' },
  recoil_mlp: {},
  recoil_mlp_0_layer0_dense: {},
  recoil_mlp_1_layer1_dense: {},
  recoil_mlp_2_layer2_dense: {},
  recoil_trigger: { free: recoilTrigger('dut') },
  records_rx: { payload: { m_: "{m_end, m_abort, m_end ? 8'd0 : m_data}" } },
  records_tx: {},
  region_blocks: {
    drop: 'start',
    parameters: { COLUMN_BITS: 8 },
    freeMemories: 500,
    signals: { reading: 1 },
    body: 'always_comb if (dut.reading) all_taken: assume (!s_valid);',
  },
  region_gain: { drop: 'start' },
  stream_pool: {},
  vector_to_beats: {},
  window_buffer: {},
  window_pool: {},
}
