import java.util.List;
import javax.smartcardio.Card;
import javax.smartcardio.CardTerminal;
import javax.smartcardio.CardTerminals;
import javax.smartcardio.CommandAPDU;
import javax.smartcardio.ResponseAPDU;
import javax.smartcardio.TerminalFactory;

/** What a program asks of terminals: which there are, whether a card is in, alone with it, its reset. */
public final class Terminals {
    public static void main(String[] arguments) throws Exception {
        CardTerminals terminals = TerminalFactory.getDefault().terminals();
        for (CardTerminal terminal : terminals.list()) {
            System.out.println(terminal.getName() + " " + terminal.isCardPresent());
        }
        System.out.println(terminals.list(CardTerminals.State.CARD_ABSENT).size() + " empty");
        System.out.println(terminals.waitForChange(100));
        CardTerminal terminal = terminals.list().get(0);
        System.out.println(terminal.waitForCardPresent(1000) + " " + terminal.waitForCardAbsent(50));
        Card card = terminal.connect("*");
        System.out.println(card.getProtocol() + " " + hex(card.getATR().getBytes()));
        card.beginExclusive();
        ResponseAPDU answer = card.getBasicChannel().transmit(new CommandAPDU(0x00, 0x84, 0x00, 0x00, 8));
        System.out.println(answer.getData().length + " " + Integer.toHexString(answer.getSW()));
        card.endExclusive();
        card.disconnect(true);
        System.out.println(terminal.connect("T=0").getProtocol());
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte value : bytes) {
            text.append(String.format("%02X", value));
        }
        return text.toString();
    }
}
