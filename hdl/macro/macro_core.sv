// macro_core: the trigger of small boards, from macro-pixels to event packets, behind registers.
//
//   bytes - macro_unpack - macro_filter - macro_gain - cluster_processor - bytes
//
// Twin of MacroDatapath in src/trigger/macro-datapath.ts: pixel stage, binning and common mode are the host's.
//   reg_*      one access at a time, held until reg_ready; addresses of src/board/registers.ts, see macro_registers.sv
//   s_axis_*   macro-pixels of 5 bytes, see macro_unpack.sv, (width / binning) x (height / binning) of them per frame
//   m_axis_*   event packets, see src/trigger/event-packet.ts; tlast with the last byte of each
//   session    one clock: forgets the frame at hand, its packet and the count of frames, as the register `reset`
// Settings, gains and the registers that name a frame must be written before its first macro-pixel and stay until its
// packet is out. One frame is in flight: s_axis_tready is low from its last macro-pixel until its packet was taken. Frames
// with more than MACRO_SIDE macro-pixels along a side, or with none, give nothing of use; `session` and rst end them.
// About 66 clocks per macro-pixel of the background, more for those in clusters, see cluster_processor.sv.
// MACRO_SIDE 16 to 1024, LABEL_BITS 3 to 8, GAIN_BITS 1 to 10.
`default_nettype none
module macro_core #(
    parameter logic [31:0] BUILD = 32'd0,
    parameter int MACRO_SIDE = 1024,
    parameter int LABEL_BITS = 8,
    parameter int GAIN_BITS = 10
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         session,
    input  wire         reg_valid,
    input  wire         reg_write,
    input  wire  [15:0] reg_address,
    input  wire  [31:0] reg_write_data,
    output wire         reg_ready,
    output wire  [31:0] reg_read_data,
    input  wire         s_axis_tvalid,
    output wire         s_axis_tready,
    input  wire  [ 7:0] s_axis_tdata,
    output wire         m_axis_tvalid,
    input  wire         m_axis_tready,
    output wire  [ 7:0] m_axis_tdata,
    output wire         m_axis_tlast
);
  localparam logic [31:0] CAPABILITY = {
    11'd0, 1'b1, 1'b0, 4'(GAIN_BITS), 4'(LABEL_BITS), 11'(MACRO_SIDE)
  };
  wire busy, strobe_reset, gain_rewind, gain_write, frame_done;
  logic forget;
  // The bytes of an earlier session may be offered in the clock after the pulse, and must not be any more.
  wire clear = rst | session | forget;
  always_ff @(posedge clk) forget <= session | strobe_reset;

  // --- settings of the front: read one after the other before a frame starts
  localparam int B = $clog2(MACRO_SIDE) + 1;
  localparam logic [1:0] IDLE = 0, LOAD = 1, START = 2, RUN = 3;
  logic [1:0] state;
  logic [2:0] step;
  logic [B+1:0] columns, rows;  // at first in pixels
  logic gain_enable;
  logic [3:0] gain_columns, gain_rows;
  logic [4:0] load_address;
  wire [31:0] cfg_data;
  wire load = state == LOAD;
  wire start = state == START;
  wire binning_shifts = step == 3'd3 ? |cfg_data[2:1] : cfg_data[2];
  always_comb
    case (step)
      3'd0: load_address = 5'd4;  // width
      3'd1: load_address = 5'd5;  // height
      3'd2: load_address = 5'd6;  // binning: two looks at it, one for each halving
      3'd3: load_address = 5'd6;
      3'd4: load_address = 5'd14;  // gain_enable
      3'd5: load_address = 5'd15;  // gain_columns
      default: load_address = 5'd16;  // gain_rows
    endcase
  always_ff @(posedge clk)
    if (!load) step <= 3'd0;
    else begin
      step <= step + 3'd1;
      if (step == 3'd1) columns <= cfg_data[B+1:0];
      if (step == 3'd2) rows <= cfg_data[B+1:0];
      if ((step == 3'd3 || step == 3'd4) && binning_shifts) begin
        columns <= columns >> 1;
        rows <= rows >> 1;
      end
      if (step == 3'd5) gain_enable <= cfg_data[0];
      if (step == 3'd6) gain_columns <= cfg_data[3:0];
      if (step == 3'd7) gain_rows <= cfg_data[3:0];
    end

  // --- frame control
  wire item_valid, cluster_idle;
  always_ff @(posedge clk)
    if (clear) state <= IDLE;
    else
      case (state)
        IDLE: if (item_valid & cluster_idle & ~busy) state <= LOAD;
        LOAD: if (step == 3'd7) state <= START;
        START: state <= RUN;
        default: if (frame_done) state <= IDLE;
      endcase

  wire cluster_request;
  wire [4:0] cluster_address;
  macro_registers #(
      .BUILD(BUILD),
      .CAPABILITY(CAPABILITY)
  ) registers_i (
      .clk(clk),
      .rst(rst),
      .forget(forget),
      .frame_done(frame_done),
      .busy(busy),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address[4:0]),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .cfg_request(load | cluster_request),
      .cfg_address(load ? load_address : cluster_address),
      .cfg_data(cfg_data),
      .strobe_reset(strobe_reset),
      .gain_rewind(gain_rewind),
      .gain_write(gain_write)
  );
  wire unused = &{1'b0, reg_address[15:5], cfg_data};

  // --- macro-pixels
  wire item_ready;
  wire signed [17:0] item_content, item_search;
  wire complete;
  wire unpack_ready;
  wire open = ~(complete & state == RUN);
  assign s_axis_tready = open & unpack_ready;
  macro_unpack unpack_i (
      .clk(clk),
      .rst(clear),
      .s_axis_tvalid(open & s_axis_tvalid),
      .s_axis_tready(unpack_ready),
      .s_axis_tdata(s_axis_tdata),
      .m_valid(item_valid),
      .m_ready(item_ready),
      .m_content(item_content),
      .m_search(item_search)
  );

  wire filtered_valid, filtered_ready, last_column, last;
  wire signed [17:0] content;
  wire signed [25:0] filtered;
  macro_filter #(
      .MACRO_SIDE(MACRO_SIDE)
  ) filter_i (
      .clk(clk),
      .rst(clear),
      .start(start),
      .cfg_columns(columns[B-1:0]),
      .cfg_rows(rows[B-1:0]),
      .s_valid(item_valid),
      .s_ready(item_ready),
      .s_content(item_content),
      .s_search(item_search),
      .complete(complete),
      .m_valid(filtered_valid),
      .m_ready(filtered_ready),
      .m_content(content),
      .m_filtered(filtered),
      .m_last_column(last_column),
      .m_last(last)
  );

  wire equal_valid, equal_ready;
  wire signed [25:0] equal;
  macro_gain #(
      .MACRO_SIDE(MACRO_SIDE),
      .GAIN_BITS (GAIN_BITS)
  ) gain_i (
      .clk(clk),
      .rst(clear),
      .start(start),
      .gain_rewind(gain_rewind),
      .gain_write(gain_write),
      .gain(reg_write_data[15:0]),
      .cfg_enable(gain_enable),
      .cfg_columns(gain_columns),
      .cfg_rows(gain_rows),
      .s_valid(filtered_valid),
      .s_ready(filtered_ready),
      .s_filtered(filtered),
      .s_last_column(last_column),
      .m_valid(equal_valid),
      .m_ready(equal_ready),
      .m_filtered(equal)
  );

  cluster_processor #(
      .MACRO_SIDE(MACRO_SIDE),
      .LABEL_BITS(LABEL_BITS)
  ) cluster_processor_i (
      .clk(clk),
      .rst(clear),
      .start(start),
      .idle(cluster_idle),
      .frame_done(frame_done),
      .cfg_request(cluster_request),
      .cfg_address(cluster_address),
      .cfg_grant(~busy),
      .cfg_data(cfg_data),
      .s_valid(equal_valid),
      .s_ready(equal_ready),
      .s_content(content),
      .s_filtered(equal),
      .s_last_column(last_column),
      .s_last(last),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tlast(m_axis_tlast)
  );
endmodule
`default_nettype wire
