//! iReadCard and iWriteCard.

use crate::harness::{
    alone, card_info, done, failed, host, last, own, own_card, read_card, with_module, write_card,
};

const PIN: &str = "[pin]\npin = \"123456\"";

#[test]
fn items_stand_in_the_place_of_their_identifiers() {
    let _host = with_module("gen2", "");
    let card = card_info("gen2");
    assert_eq!(
        read_card(2, card, "SSSEEF05|06|07|$SSSEEF06|08|09|4E|0A|0B|0C|0D|$"),
        (
            0,
            "SSSEEF05|20340101|T10164210|$SSSEEF06|999901199206192161|孙测戊||2|01|999901|19920619|$".to_owned()
        )
    );
    assert_eq!(read_card(2, card, "3F00EF05|03|$").1, "3F00EF05|2.00|$");
    assert_eq!(read_card(2, card, "MFEF05|01|02|04|$").0, 0);
}

#[test]
fn a_file_that_wants_pin_or_key_opens_by_either() {
    let card = card_info("gen2");
    {
        let _host = alone("gen2", PIN);
        assert_eq!(
            read_card(1, card, "DF01EF05|20|$"),
            (0, "DF01EF05||$".to_owned()),
            "{}",
            last()
        );
        assert_eq!(read_card(2, card, "DF01EF05|20|$"), failed(-2201, "无PSAM卡"));
    }
    let _host = with_module("gen2", "");
    assert_eq!(read_card(2, card, "DF01EF05|20|$").0, 0);
    assert_eq!(read_card(1, card, "DF01EF05|20|$"), failed(-32, "密码输入操作超时"));
}

#[test]
fn a_file_that_wants_pin_and_key_wants_both() {
    let card = card_info("gen2");
    {
        let _host = with_module("gen2", PIN);
        assert_eq!(read_card(2, card, "DF04EF06|90|92|93|$"), (0, "DF04EF06||||$".to_owned()));
    }
    {
        let _host = with_module("gen2", "");
        assert_eq!(read_card(2, card, "DF04EF06|90|$").0, -32, "nobody enters the PIN");
    }
    let _host = alone("gen2", PIN);
    assert_eq!(read_card(2, card, "DF04EF06|90|$").0, -2201);
}

#[test]
fn a_file_that_opens_by_itself_asks_nobody() {
    let _host = alone("gen2", "");
    let card = card_info("gen2");
    assert_eq!(read_card(1, card, "SSSEEF05|03|$"), (0, "SSSEEF05|2.00|$".to_owned()));
    let (number, text) = read_card(2, card, "DF01EF16|01|$");
    assert_eq!((number, text.len()), (0, "DF01EF16||$".len() + 0x128 * 2));
}

#[test]
fn the_holder_of_a_third_generation_card_is_read_by_key() {
    let card = card_info("gen3");
    {
        let _host = with_module("gen3", "");
        assert_eq!(read_card(2, card, "SSSEEF06|09|$"), (0, "SSSEEF06|孙测戊|$".to_owned()));
    }
    let _host = alone("gen3", "");
    assert_eq!(read_card(2, card, "SSSEEF06|09|$"), failed(-2201, "无PSAM卡"));
}

#[test]
fn what_is_written_is_read() {
    for profile in ["gen1", "gen2", "gen3"] {
        let _host = with_module(profile, "");
        let card = card_info(profile);
        assert_eq!(
            write_card(card, "DF01EF06|23|28|$", "DF01EF06|测试市测试路1号|13800000000|$"),
            done(),
            "{}",
            last()
        );
        assert_eq!(
            read_card(2, card, "DF01EF06|23|24|28|$"),
            (0, "DF01EF06|测试市测试路1号||13800000000|$".to_owned())
        );
    }
}

#[test]
fn the_parts_of_a_template_and_the_second_record_with_an_identifier() {
    let _host = with_module("gen2", "");
    let card = card_info("gen2");
    assert_eq!(
        write_card(card, "DF01EF15|40:2|$", "DF01EF15|101,080601,测试大学|$"),
        done(),
        "{}",
        last()
    );
    assert_eq!(
        read_card(2, card, "DF01EF15|40:1|40:2|40:3|$"),
        (0, "DF01EF15|,,|101,080601,测试大学|,,|$".to_owned())
    );
}

#[test]
fn a_cyclic_file_s_new_record_is_its_first() {
    let _host = with_module("gen2", "");
    let card = card_info("gen2");
    for kind in ["001", "002"] {
        let data = format!("DF02EF16:{kind},20260101,20261231,20260102,999900$");
        let data = if write_card(card, "DF02EF16:01$", &data) == done() {
            data
        } else {
            panic!("{}", last())
        };
        assert_eq!(read_card(2, card, "DF02EF16:01$"), (0, data));
    }
    let (number, text) = read_card(2, card, "DF02EF16:02$");
    assert_eq!((number, text.starts_with("DF02EF16:001,")), (0, true), "{text}");
}

#[test]
fn a_photo_is_hexadecimal() {
    let _host = with_module("gen3", "");
    let card = card_info("gen3");
    let photo = "0123456789ABCDEF".repeat(100);
    assert_eq!(
        write_card(card, "SSSEEF08|01|$", &format!("SSSEEF08|{photo}|$")),
        done(),
        "{}",
        last()
    );
    let (number, text) = read_card(2, card, "SSSEEF08$");
    assert_eq!((number, text.len()), (0, "SSSEEF08||$".len() + 0x2000));
    assert!(text.starts_with(&format!("SSSEEF08|{photo}00")));
}

#[test]
fn of_several_files_the_first_is_written() {
    let _host = with_module("gen2", "");
    let card = card_info("gen2");
    let files = "DF01EF06|28|$DF01EF05|20|$";
    assert_eq!(write_card(card, files, "DF01EF06|1|$DF01EF05|99|$"), done());
    assert_eq!(read_card(2, card, "DF01EF06|28|$DF01EF05|20|$").1, "DF01EF06|1|$DF01EF05||$");
}

#[test]
fn codes_20_22_and_23_of_the_card_that_is_meant() {
    let _host = with_module("gen2", "");
    for (card, number) in [
        ("999900D156000005790776A7EAB8B804|T10164211|", -22),
        ("999900D156000005790776A7EAB8B805|T10164210|", -22),
        ("999900D156000005790776A7|T10164210|", -20),
        ("999900D156000005790776A7EAB8B8xx|T10164210|", -20),
        ("", -23),
        ("999900D156000005790776A7EAB8B804|", -23),
        ("999900D156000005790776A7EAB8B804|T10164210|x|", -23),
    ] {
        assert_eq!(read_card(2, card, "SSSEEF05|03|$").0, number, "{card}");
        assert_eq!(write_card(card, "DF01EF06|28|$", "DF01EF06|1|$").0, number, "{card}");
    }
    let words = read_card(2, "999900D156000005790776A7EAB8B804|T10164211|", "SSSEEF05|03|$");
    assert_eq!(words, failed(-22, "传入数据与卡内不符"));
}

#[test]
fn codes_23_41_and_42_of_what_is_to_be_written() {
    let _host = with_module("gen2", "");
    let card = card_info("gen2");
    for (data, number) in [
        ("", -23),
        ("DF01EF05|1|2|$", -23),
        ("DF01EF06|1|$", -23),
        ("DF01EF06|1|2|3|$", -23),
        ("DF01EF06|𠮷|1|$", -41),
        ("DF01EF06|1|1234567890123456|$", -42),
    ] {
        assert_eq!(write_card(card, "DF01EF06|23|28|$", data).0, number, "{data}");
    }
    assert_eq!(write_card(card, "DF01EF06|24|$", "DF01EF06|99x900|$").0, -41);
    assert_eq!(write_card(card, "SSSEEF08$", "SSSEEF08|0|$").0, -42);
    assert_eq!(write_card(card, "SSSEEF08$", "SSSEEF08|0G|$").0, -41);
    assert_eq!(read_card(2, card, "DF01EF06|23|28|$").1, "DF01EF06|||$", "nothing was written");
}

#[test]
fn codes_24_and_27010_of_a_module_without_the_right_and_a_file_without_a_writer() {
    let (_folder, module) =
        own("base = \"psam-3des\"\n[psam]\nwithout = [\"UK_SSSE\", \"RK1_DF01\"]\n");
    let _host = host(&format!("[card]\nprofile = \"gen2\"\n[psam]\nprofile = \"{module}\""));
    let card = card_info("gen2");
    assert_eq!(
        write_card(card, "SSSEEF06|0C|$", "SSSEEF06|999901|$"),
        failed(-24, "PSAM卡密钥级别不够"),
        "a key of the province's"
    );
    assert_eq!(read_card(2, card, "DF01EF05|20|$"), failed(-27272, "未找到密钥"), "the ministry's");
    let record = "DF04EF08:0001,2,999900000001,20260101000000,00000000,00000000,00000000$";
    assert_eq!(write_card(card, "DF04EF08:01$", record), failed(-27010, "不满足安全条件"));
}

#[test]
fn codes_27266_and_27267_of_a_file_and_a_record_that_the_card_lacks() {
    let _host = with_module("gen1", "");
    let card = card_info("gen1");
    assert_eq!(read_card(2, card, "SSSEEF08$"), failed(-27266, "未找到文件"));
    assert_eq!(read_card(2, card, "SSSEEF06|4E|$"), failed(-27267, "未找到记录"));
    assert_eq!(read_card(2, card, "DF07EF05|F0|$"), failed(-27266, "未找到文件"));
    assert_eq!(read_card(2, card, "DF01EF3F|20|$"), failed(-27266, "未找到文件"), "none has it");
}

#[test]
fn code_14_of_the_way_to_prove_a_right() {
    let _host = with_module("gen2", "");
    for authentication in [0, 3, -1, i32::MAX] {
        let answer = read_card(authentication, card_info("gen2"), "SSSEEF05|03|$");
        assert_eq!(answer, failed(-14, "命令参数错"));
    }
}

#[test]
fn code_27009_of_a_file_of_another_structure_than_the_standard_s() {
    let (_folder, _host) = own_card(
        "base = \"gen2\"\n[[files]]\ndf = \"DF01\"\nid = \"EF05\"\nstructure = \"transparent\"\nread = \"free\"\nsize = 16\n",
        "psam-3des",
        "",
    );
    let answer = read_card(2, card_info("gen2"), "DF01EF05|20|$");
    assert_eq!(answer, failed(-27009, "命令与文件结构不相符"), "{}", last());
}
