// macro_board: link endpoint and trigger for macro-pixels, what every small board with a serial line wraps.
//
// `rx` may be an unsynchronised pin. DIVISOR clocks per bit. `heartbeat` changes every 2 ** 22 clocks, `linked` is high
// from the first session on. Sizes as in macro_core.sv and link_endpoint.sv.
`default_nettype none
module macro_board #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd12000000,
    parameter int DIVISOR = 4,
    parameter int MACRO_SIDE = 256,
    parameter int LABEL_BITS = 5,
    parameter int GAIN_BITS = 8,
    parameter int RX_SLOT_BITS = 2,
    parameter int TX_SLOT_BITS = 1
) (
    input  wire  clk,
    input  wire  rx,
    output wire  tx,
    output wire  heartbeat,
    output logic linked
);
  wire rst, session;
  wire reg_valid, reg_write, reg_ready;
  wire [15:0] reg_address;
  wire [31:0] reg_write_data, reg_read_data;
  wire pixels_valid, pixels_ready, events_valid, events_ready, events_last;
  wire [7:0] pixels_data, events_data;

  power_on_reset power_on_reset_i (
      .clk(clk),
      .rst(rst)
  );

  link_uart #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(CLOCK_HZ),
      .RX_SLOT_BITS(RX_SLOT_BITS),
      .TX_SLOT_BITS(TX_SLOT_BITS),
      .DIVISOR(DIVISOR)
  ) link_uart_i (
      .clk(clk),
      .rst(rst),
      .rx(rx),
      .tx(tx),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .m_axis_tvalid(pixels_valid),
      .m_axis_tready(pixels_ready),
      .m_axis_tdata(pixels_data),
      .s_axis_tvalid(events_valid),
      .s_axis_tready(events_ready),
      .s_axis_tdata(events_data),
      .s_axis_tlast(events_last),
      .session(session)
  );

  macro_core #(
      .BUILD(BUILD[31:0]),
      .MACRO_SIDE(MACRO_SIDE),
      .LABEL_BITS(LABEL_BITS),
      .GAIN_BITS(GAIN_BITS)
  ) macro_core_i (
      .clk(clk),
      .rst(rst),
      .session(session),
      .reg_valid(reg_valid),
      .reg_write(reg_write),
      .reg_address(reg_address),
      .reg_write_data(reg_write_data),
      .reg_ready(reg_ready),
      .reg_read_data(reg_read_data),
      .s_axis_tvalid(pixels_valid),
      .s_axis_tready(pixels_ready),
      .s_axis_tdata(pixels_data),
      .m_axis_tvalid(events_valid),
      .m_axis_tready(events_ready),
      .m_axis_tdata(events_data),
      .m_axis_tlast(events_last)
  );

  logic [22:0] beats = '0;
  always_ff @(posedge clk) beats <= beats + 23'd1;
  assign heartbeat = beats[22];

  always_ff @(posedge clk)
    if (rst) linked <= 1'b0;
    else if (session) linked <= 1'b1;
endmodule
`default_nettype wire
