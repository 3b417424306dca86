// mlp: a network of dense layers, one multiply-accumulate per clock, bit for bit evaluate() in
// src/network/integer-network.ts:
//   out[j] = clamp(round_half_even((bias[j] + sum_i weight[j][i] * x[i]) / 2^shift), low, high)
// Constants come from a ROM module beside it (for example recoil_weights.sv), generated from the ONNX file
// together with the parameters here and a wrapper of the two (recoil_mlp.sv): instantiate the wrapper.
//
//   s_axis INPUTS x INPUT_BITS, element 0 in the lowest bits; m_axis OUTPUTS x OUTPUT_BITS likewise
// One vector at a time: s_axis_tready falls with the vector taken and rises when its scores have left.
// Latency, s_axis handshake to m_axis_tvalid: INPUTS + sum(inputs * outputs) + 6 * LAYERS + 1 clocks (209
// for 9-10-7-3); the next vector is taken one clock after the scores have left. One multiplier 8 x
// VALUE_BITS, one activation memory of 2 * 2^INDEX_BITS x VALUE_BITS (two banks), adders of
// ACC_BITS + LEFT + 1 bits. All outputs are registers. 9-10-7-3 by Yosys 0.55, about: iCE40 270 LUT4 with a
// MAC16 and two RAM40; 7-series 230 LUT, 240 FF and a DSP48E1; ECP5 400 LUT4 and a multiplier.
`default_nettype none
module mlp #(
    parameter int INPUTS = 9,
    parameter int OUTPUTS = 3,
    parameter int LAYERS = 3,
    parameter int INPUT_BITS = 8,
    parameter int INPUT_SIGNED = 1,
    parameter int OUTPUT_BITS = 16,
    parameter int VALUE_BITS = 8,    // signed, holds every input and activation
    parameter int RESULT_BITS = 16,  // signed, holds every clamp limit
    parameter int ACC_BITS = 20,     // signed, holds every partial sum; at least RESULT_BITS
    parameter int LEFT = 0,          // accumulators are multiplied by 2^LEFT before the right shift
    parameter int SHIFT_BITS = 5,
    parameter int INDEX_BITS = 4,    // element of a vector
    parameter int LAYER_BITS = 2,
    parameter int NEURON_BITS = 5,   // output of any layer, counted through
    parameter int ADDRESS_BITS = 8   // weight
) (
    input  wire                                clk,
    input  wire                                rst,
    input  wire  [INPUTS*INPUT_BITS-1:0]       s_axis_tdata,
    input  wire                                s_axis_tvalid,
    output logic                               s_axis_tready,
    output logic [OUTPUTS*OUTPUT_BITS-1:0]     m_axis_tdata,
    output logic                               m_axis_tvalid,
    input  wire                                m_axis_tready,
    // The ROM answers one clock after the address, in clocks in which it is enabled.
    output wire                                rom_enable,
    output logic [ADDRESS_BITS-1:0]            rom_address,
    input  wire  signed [7:0]                  rom_weight,
    output logic [NEURON_BITS-1:0]             rom_neuron,
    input  wire  signed [ACC_BITS-1:0]         rom_bias,
    output logic [LAYER_BITS-1:0]              rom_layer,
    input  wire  [INDEX_BITS-1:0]              rom_last_input,
    input  wire  [INDEX_BITS-1:0]              rom_last_output,
    input  wire  [SHIFT_BITS-1:0]              rom_shift,
    input  wire  [ACC_BITS+LEFT:0]             rom_half,  // 2^(shift-1) - 1, or 0
    input  wire  signed [RESULT_BITS-1:0]      rom_low,
    input  wire  signed [RESULT_BITS-1:0]      rom_high
);
  localparam int SUM_BITS = ACC_BITS + LEFT + 1;
  localparam int KEPT_BITS = VALUE_BITS > OUTPUT_BITS ? VALUE_BITS : OUTPUT_BITS;
  localparam int PRODUCT_BITS = 8 + VALUE_BITS;
  localparam logic [2:0] IDLE = 3'd0, LOAD = 3'd1, FETCH = 3'd2, RUN = 3'd3, DRAIN = 3'd4, SEND = 3'd5;

  logic [2:0] state;
  logic [INPUTS*INPUT_BITS-1:0] vector;
  logic [INDEX_BITS-1:0] index;   // input that is multiplied
  logic [INDEX_BITS-1:0] output_index;  // output that is issued
  logic [INDEX_BITS-1:0] result_index;  // output that is written
  logic bank;  // bank that is read
  wire last_input = index == rom_last_input;
  wire last_output = output_index == rom_last_output;
  wire last_layer = rom_layer == LAYER_BITS'(LAYERS - 1);

  // Pipeline flags: a operands, b product, c sum, d rounded, e result.
  logic a_valid, a_first, a_last, a_final;
  logic b_valid, b_first, b_last, b_final;
  logic c_last, c_final, d_last, d_final, e_last, e_final;

  // Between two vectors nothing changes: one enable for all registers saves power, and simulation time.
  wire awake = rst | ~s_axis_tready | s_axis_tvalid;
  assign rom_enable = awake;

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      state <= IDLE;
      s_axis_tready <= 1'b0;
      m_axis_tvalid <= 1'b0;
      bank <= 1'b0;
      index <= '0;
      output_index <= '0;
      rom_address <= '0;
      rom_neuron <= '0;
      rom_layer <= '0;
    end else
      case (state)
        IDLE: begin
          s_axis_tready <= 1'b1;
          index <= '0;
          output_index <= '0;
          rom_address <= '0;
          rom_neuron <= '0;
          rom_layer <= '0;
          if (s_axis_tready & s_axis_tvalid) begin
            s_axis_tready <= 1'b0;
            state <= LOAD;
          end
        end
        LOAD: begin
          index <= index + INDEX_BITS'(1);
          if (index == INDEX_BITS'(INPUTS - 1)) begin
            index <= '0;
            state <= FETCH;
          end
        end
        // The layer's constants arrive.
        FETCH: state <= RUN;
        RUN: begin
          rom_address <= rom_address + ADDRESS_BITS'(1);
          index <= last_input ? '0 : index + INDEX_BITS'(1);
          if (last_input) begin
            rom_neuron <= rom_neuron + NEURON_BITS'(1);
            output_index <= last_output ? '0 : output_index + INDEX_BITS'(1);
            if (last_output) state <= DRAIN;
          end
        end
        // The next layer reads what this one writes: wait for the last result.
        DRAIN:
        if (e_final) begin
          if (last_layer) begin
            m_axis_tvalid <= 1'b1;
            state <= SEND;
          end else begin
            rom_layer <= rom_layer + LAYER_BITS'(1);
            bank <= ~bank;
            state <= FETCH;
          end
        end
        SEND:
        if (m_axis_tready) begin
          m_axis_tvalid <= 1'b0;
          s_axis_tready <= 1'b1;
          state <= IDLE;
        end
        default: state <= IDLE;
      endcase

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (state == IDLE) vector <= s_axis_tdata;
    else vector <= vector >> INPUT_BITS;

  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst) begin
      a_valid <= 1'b0;
      b_valid <= 1'b0;
      c_last <= 1'b0;
      d_last <= 1'b0;
      e_last <= 1'b0;
      c_final <= 1'b0;
      d_final <= 1'b0;
      e_final <= 1'b0;
    end else begin
      a_valid <= state == RUN;
      b_valid <= a_valid;
      c_last <= b_valid & b_last;
      d_last <= c_last;
      e_last <= d_last;
      c_final <= b_valid & b_final;
      d_final <= c_final;
      e_final <= d_final;
    end
  always_ff @(posedge clk)
  if (awake) begin
    a_first <= index == '0;
    a_last <= last_input;
    a_final <= last_input & last_output;
    b_first <= a_first;
    b_last <= a_last;
    b_final <= a_final;
  end

  // Activations: the inputs, then each layer's outputs in the other bank.
  logic signed [VALUE_BITS-1:0] values[0:(2<<INDEX_BITS)-1];
  logic signed [VALUE_BITS-1:0] a_value;
  logic [KEPT_BITS-1:0] result;
  wire [INPUT_BITS-1:0] element = vector[INPUT_BITS-1:0];
  wire [VALUE_BITS-1:0] feature = INPUT_SIGNED != 0 ? VALUE_BITS'($signed(element)) : VALUE_BITS'(element);
  wire loading = state == LOAD;
  wire [INDEX_BITS:0] write_address = loading ? {bank, index} : {~bank, result_index};
  wire [VALUE_BITS-1:0] write_value = loading ? feature : result[VALUE_BITS-1:0];
  always_ff @(posedge clk)
  if (awake) begin
    if (loading | e_last) values[write_address] <= write_value;
    a_value <= values[{bank, index}];
  end
  always_ff @(posedge clk)
    if (!awake) begin
    end else if (rst | loading) result_index <= '0;
    else if (e_last) result_index <= e_final ? '0 : result_index + INDEX_BITS'(1);

  // Multiply and accumulate.
  logic signed [PRODUCT_BITS-1:0] product;
  logic signed [ACC_BITS-1:0] b_bias, acc;
  wire signed [ACC_BITS-1:0] addend = ACC_BITS'(product);
  always_ff @(posedge clk)
  if (awake) begin
    product <= PRODUCT_BITS'(rom_weight) * PRODUCT_BITS'(a_value);
    b_bias <= rom_bias;
    if (b_valid) acc <= (b_first ? b_bias : acc) + addend;
  end

  // Round half to even: add 2^(shift-1) - 1 and the bit that becomes the lowest, then drop `shift` bits.
  wire signed [SUM_BITS-1:0] wide = SUM_BITS'(acc);
  wire signed [SUM_BITS-1:0] scaled = wide <<< LEFT;
  wire odd = 1'(scaled >> rom_shift) & (rom_shift != '0);
  logic signed [SUM_BITS-1:0] rounded;
  wire signed [SUM_BITS-1:0] shifted = rounded >>> rom_shift;
  wire signed [SUM_BITS-1:0] low = SUM_BITS'(rom_low);
  wire signed [SUM_BITS-1:0] high = SUM_BITS'(rom_high);
  always_ff @(posedge clk)
  if (awake) begin
    rounded <= scaled + $signed(rom_half) + $signed({{(SUM_BITS - 1) {1'b0}}, odd});
    result <= KEPT_BITS'(shifted < low ? low : shifted > high ? high : shifted);
    if (e_last & last_layer)
      m_axis_tdata <= (OUTPUTS * OUTPUT_BITS)'({result[OUTPUT_BITS-1:0], m_axis_tdata} >> OUTPUT_BITS);
  end
endmodule
`default_nettype wire
