// trigger_core: gemgate_core of hdl/trigger at one pixel per clock on noisy frames with rare bright spots.
`default_nettype none
module trigger_core (
    input  wire         clk,
    output wire [31:0] state
);
  localparam int SIDE = 512;
  wire rst;
  wire [63:0] random;
  stimulus stimulus_i (.clk(clk), .rst(rst), .random(random));

  // settings: one register after the other, four clocks each
  logic [6:0] time_in;
  wire configured = &time_in[6:2];
  wire [4:0] address = time_in[6:2];
  logic [31:0] setting;
  always_comb
    case (address)
      5'd4, 5'd5: setting = SIDE;  // width, height
      5'd6: setting = 32'd4;  // binning
      5'd11: setting = 32'd1;  // common_enable
      5'd17: setting = 32'd20000;  // threshold_low
      5'd18: setting = 32'd60000;  // threshold_high
      5'd19: setting = 32'd2;  // link
      5'd20: setting = 32'd4;  // minimum_pixels
      5'd7, 5'd8, 5'd12, 5'd13: setting = 32'd131071;  // no clipping
      default: setting = 32'd0;
    endcase
  wire [4:0] number = address == 5'd31 ? 5'd26 : address;
  logic write;
  always_ff @(posedge clk) begin
    if (rst) time_in <= '0;
    else if (~configured) time_in <= time_in + 7'd1;
    write <= ~rst & ~configured & time_in[1:0] == 2'd1 & address >= 5'd4 & address != 5'd24 & address != 5'd25;
  end

  logic [5:0] bright;
  wire ready, m_valid, m_last;
  wire [31:0] m_data, unused_read_data;
  wire [15:0] pixel = 16'd1600 + {9'd0, random[6:0]} + (bright != 6'd0 ? {7'd0, random[15:7]} : 16'd0);
  always_ff @(posedge clk) bright <= &random[31:19] ? 6'd60 : bright == 6'd0 ? 6'd0 : bright - 6'd1;
  gemgate_core core_i (.clk(clk), .rst(rst), .reg_write(write), .reg_read(1'b0), .reg_address(number),
      .reg_write_data(setting), .reg_read_data(unused_read_data), .s_axis_tvalid(configured), .s_axis_tready(ready),
      .s_axis_tdata({32'h02006800, pixel}), .m_axis_tvalid(m_valid), .m_axis_tready(1'b1), .m_axis_tdata(m_data),
      .m_axis_tlast(m_last));
  wire [31:0] value = ({ready, m_valid & m_last, 30'd0}) ^ (m_valid ? m_data : 32'd0);
  signature signature_i (.clk(clk), .value(value), .state(state));
endmodule
`default_nettype wire
