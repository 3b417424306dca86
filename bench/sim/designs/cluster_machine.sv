// cluster_machine: the 16-bit processor of hdl/macro at work on random macro-pixels, frame after frame.
`default_nettype none
module cluster_machine (
    input  wire         clk,
    output wire [31:0] state
);
  localparam int SIDE = 32;
  wire rst;
  wire [63:0] random;
  stimulus stimulus_i (.clk(clk), .rst(rst), .random(random));

  wire idle, frame_done, cfg_request, s_ready, m_valid, m_last;
  wire [4:0] cfg_address;
  wire [7:0] m_data;
  logic [31:0] setting;
  always_ff @(posedge clk)
    case (cfg_address)
      5'd4, 5'd5: setting <= SIDE;  // width, height
      5'd6: setting <= 32'd1;  // binning
      5'd17: setting <= 32'd3000;  // threshold_low
      5'd18: setting <= 32'd9000;  // threshold_high
      5'd19: setting <= 32'd1;  // link
      5'd20: setting <= 32'd3;  // minimum_pixels
      5'd21, 5'd9, 5'd11, 5'd14: setting <= 32'd0;
      default: setting <= {27'd0, cfg_address};
    endcase

  logic [4:0] column, row;
  logic [2:0] bright;
  logic [17:0] content;
  logic [25:0] filtered;
  always_ff @(posedge clk)
    if (rst | frame_done) {row, column} <= '0;
    else if (s_ready) begin
      {row, column} <= {row, column} + 10'd1;
      bright <= &random[5:0] ? 3'd5 : bright == 3'd0 ? 3'd0 : bright - 3'd1;
      content <= {10'd0, random[15:8]} + (bright != 3'd0 ? 18'd400 : 18'd0);
      filtered <= {14'd0, random[27:16]} + (bright != 3'd0 ? 26'd7000 : 26'd0);
    end
  logic start, granted;
  always_ff @(posedge clk) begin
    start <= idle & ~rst & ~start;
    granted <= cfg_request;
  end
  cluster_processor #(
      .MACRO_SIDE(SIDE),
      .LABEL_BITS(4)
  ) processor_i (.clk(clk), .rst(rst), .start(start), .idle(idle), .frame_done(frame_done), .cfg_request(cfg_request),
      .cfg_address(cfg_address), .cfg_grant(cfg_request), .cfg_data(setting), .s_valid(~rst), .s_ready(s_ready),
      .s_content(content), .s_filtered(filtered), .s_last_column(&column), .s_last(&{row, column}),
      .m_axis_tvalid(m_valid), .m_axis_tready(1'b1), .m_axis_tdata(m_data), .m_axis_tlast(m_last));
  wire [31:0] value = {frame_done, s_ready, idle, 12'd0, cfg_address, 3'd0, m_valid & m_last, m_data & {8{m_valid}}};
  signature signature_i (.clk(clk), .value(value), .state(state));
endmodule
`default_nettype wire
