// full_uart_board: link endpoint and the whole trigger, for large boards with a serial line.
//
// `rx` may be an unsynchronised pin. DIVISOR clocks per bit. `heartbeat` changes every 2 ** 23 clocks, `linked` is high
// from the first session on. `rst` until the clock is steady.
`default_nettype none
module full_uart_board #(
    parameter logic [63:0] BUILD = 64'd0,
    parameter logic [31:0] SCHEMA = 32'd0,
    parameter logic [31:0] CLOCK_HZ = 32'd30000000,
    parameter int DIVISOR = 10
) (
    input  wire  clk,
    input  wire  rst,
    input  wire  rx,
    output wire  tx,
    output wire  heartbeat,
    output logic linked
);
  wire session;
  wire reg_valid, reg_write, reg_ready;
  wire [15:0] reg_address;
  wire [31:0] reg_write_data, reg_read_data;
  wire pixels_valid, pixels_ready, events_valid, events_ready, events_last;
  wire [7:0] pixels_data, events_data;

  link_uart #(
      .BUILD(BUILD),
      .SCHEMA(SCHEMA),
      .CLOCK_HZ(CLOCK_HZ),
      .RX_SLOT_BITS(4),
      .TX_SLOT_BITS(3),
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

  full_core #(
      .BUILD(BUILD[31:0])
  ) full_core_i (
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

  logic [23:0] beats = '0;
  always_ff @(posedge clk) beats <= beats + 24'd1;
  assign heartbeat = beats[23];

  always_ff @(posedge clk)
    if (rst) linked <= 1'b0;
    else if (session) linked <= 1'b1;
endmodule
`default_nettype wire
