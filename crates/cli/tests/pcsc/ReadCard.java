import java.util.List;
import javax.smartcardio.Card;
import javax.smartcardio.CardChannel;
import javax.smartcardio.CardTerminal;
import javax.smartcardio.CommandAPDU;
import javax.smartcardio.ResponseAPDU;
import javax.smartcardio.TerminalFactory;

/** Reads a payment card with Java's smart card API, as a class of a few lines does: SELECT, GET PROCESSING OPTIONS, READ RECORD. */
public final class ReadCard {
    private static CardChannel channel;

    private static ResponseAPDU send(CommandAPDU command) throws Exception {
        ResponseAPDU answer = channel.transmit(command);
        System.out.println(hex(command.getBytes()) + " " + hex(answer.getBytes()));
        if (answer.getSW() != 0x9000) {
            throw new IllegalStateException("not 9000");
        }
        return answer;
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte value : bytes) {
            text.append(String.format("%02X", value));
        }
        return text.toString();
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) Integer.parseInt(hex.substring(2 * at, 2 * at + 2), 16);
        }
        return bytes;
    }

    public static void main(String[] arguments) throws Exception {
        List<CardTerminal> terminals = TerminalFactory.getDefault().terminals().list();
        CardTerminal terminal = terminals.stream().filter(one -> one.getName().equals(arguments[0])).findFirst().get();
        Card card = terminal.connect("T=0");
        channel = card.getBasicChannel();
        send(new CommandAPDU(0x00, 0xA4, 0x04, 0x00, bytes("A000000333010101"), 256));
        send(new CommandAPDU(0x80, 0xA8, 0x00, 0x00, bytes(arguments[1]), 256));
        send(new CommandAPDU(0x00, 0xB2, 0x01, 0x0C, 256));
        send(new CommandAPDU(0x00, 0xB2, 0x01, 0x1C, 256));
        card.disconnect(false);
        System.out.println("all right");
    }
}
