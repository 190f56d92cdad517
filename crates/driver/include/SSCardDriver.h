/*
 * libSSCardDriver: the driver interface of the field for social security cards (社会保障卡), LD/T 6001.5. docs/driver.md has the formats,
 * the error numbers, the configuration, and what was chosen where nothing public says it.
 *
 * Every function returns 0, or a number below 0 whose words stand in pOutInfo then; the ICC_ functions return lengths and handles. Text
 * is GBK unless the configuration says otherwise, fields stand between '|'. One call at a time: other threads wait.
 *
 * Room: pOutInfo has to have SSCARD_DRIVER_ROOM bytes, where the comment says so SSCARD_DRIVER_LARGE_ROOM.
 */
#ifndef SSCARDDRIVER_H
#define SSCARDDRIVER_H

#define SSCARD_DRIVER_ROOM 1024
#define SSCARD_DRIVER_LARGE_ROOM 32768
/* An argument without 00 within so many bytes is refused. */
#define SSCARD_DRIVER_LONGEST_ARGUMENT 32768

#if defined(_WIN32)
#define SSCARD_DRIVER_CALL __stdcall
#else
#define SSCARD_DRIVER_CALL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* iType: 1 contact, 2 contactless, 3 contact first, 4 contactless first. iAuthType: 1 PIN, 2 key. */

/* 读基本信息 */
long SSCARD_DRIVER_CALL iReadCardBas(int iType, char *pOutInfo);
/* 通用读卡; large room */
long SSCARD_DRIVER_CALL iReadCard(int iType, int iAuthType, char *pCardInfo, char *pFileAddr, char *pOutInfo);
/* 通用写卡 */
long SSCARD_DRIVER_CALL iWriteCard(int iType, char *pCardInfo, char *pFileAddr, char *pWriteData, char *pOutInfo);
/* PIN 校验, 修改, 重置, 解锁 */
long SSCARD_DRIVER_CALL iVerifyPIN(int iType, char *pOutInfo);
long SSCARD_DRIVER_CALL iChangePIN(int iType, char *pOutInfo);
long SSCARD_DRIVER_CALL iReloadPIN(int iType, char *pCardInfo, char *pOutInfo);
long SSCARD_DRIVER_CALL iUnblockPIN(int iType, char *pCardInfo, char *pOutInfo);
/* 消费交易 */
long SSCARD_DRIVER_CALL iDoDebit(int iType, char *pCardInfo, char *pPayInfo, char *pOutInfo);
/* 读消费交易记录; large room */
long SSCARD_DRIVER_CALL iReadDebitRecord(int iType, char *pOutInfo);

/* The same in steps, with an HSM (加密机) in the place of a PSAM. */
long SSCARD_DRIVER_CALL iReadCardBas_HSM_Step1(int iType, char *pOutInfo);
long SSCARD_DRIVER_CALL iReadCardBas_HSM_Step2(char *pKey, char *pOutInfo);
long SSCARD_DRIVER_CALL iReadCard_HSM_Step1(int iType, char *pCardInfo, char *pFileAddr, char *pOutInfo);
/* large room */
long SSCARD_DRIVER_CALL iReadCard_HSM_Step2(char *pKey, char *pOutInfo);
long SSCARD_DRIVER_CALL iWriteCard_HSM_Step1(int iType, char *pCardInfo, char *pFileAddr, char *pOutInfo);
long SSCARD_DRIVER_CALL iWriteCard_HSM_Step2(char *pKey, char *pWriteData, char *pOutInfo);
long SSCARD_DRIVER_CALL iReloadPIN_HSM_Step1(int iType, char *pCardInfo, char *pOutInfo);
long SSCARD_DRIVER_CALL iReloadPIN_HSM_Step2(char *pKey, char *pOutInfo);
long SSCARD_DRIVER_CALL iReloadPIN_HSM_Step3(char *pKey, char *pOutInfo);
long SSCARD_DRIVER_CALL iUnblockPIN_HSM_Step1(int iType, char *pCardInfo, char *pOutInfo);
long SSCARD_DRIVER_CALL iUnblockPIN_HSM_Step2(char *pKey, char *pOutInfo);
long SSCARD_DRIVER_CALL iUnblockPIN_HSM_Step3(char *pKey, char *pOutInfo);
long SSCARD_DRIVER_CALL iDoDebit_HSM_Step1(int iType, char *pCardInfo, char *pPayInfo, char *pOutInfo);
long SSCARD_DRIVER_CALL iDoDebit_HSM_Step2(char *pKey, char *pOutInfo);

/* Certificates. The last three names are ours. */
long SSCARD_DRIVER_CALL PKI_SignData(char *pUserPin, char *pInData, int iType, char *pOutInfo);
long SSCARD_DRIVER_CALL PKI_VerifySign(char *pUserPin, char *pCert, char *pClearText, char *pSignature, int iType, char *pOutInfo);
/* large room; so the next two */
long SSCARD_DRIVER_CALL PKI_EncryptEnvelope(char *pCert, char *pInData, int iType, char *pOutInfo);
long SSCARD_DRIVER_CALL PKI_DecryptEnvelope(char *pUserPin, char *pInData, int iType, char *pOutInfo);
long SSCARD_DRIVER_CALL PKI_ReadCert(int iCertType, int iType, char *pOutInfo);

/* The reader below. Slot 01 is the holder's card, 11 the security module. Response: 33 bytes, Response_APDU: 258, info: 33. */
long SSCARD_DRIVER_CALL ICC_Reader_Open(char *dev_Name);
long SSCARD_DRIVER_CALL ICC_Reader_Close(long ReaderHandle);
long SSCARD_DRIVER_CALL ICC_Reader_PowerOn(long ReaderHandle, unsigned char ICC_Slot_No, unsigned char *Response);
long SSCARD_DRIVER_CALL ICC_Reader_PowerOff(long ReaderHandle, unsigned char ICC_Slot_No);
long SSCARD_DRIVER_CALL ICC_Reader_GetStatus(long ReaderHandle, unsigned char ICC_Slot_No);
long SSCARD_DRIVER_CALL ICC_Reader_Application(long ReaderHandle, unsigned char ICC_Slot_No, long Lenth_of_Command_APDU, unsigned char *Command_APDU, unsigned char *Response_APDU);
long SSCARD_DRIVER_CALL ICC_Reader_Libinfo(char *info);

/* What is ours. */

/* Asked for a PIN: prompt 1 the PIN, 2 the new one again, 3 the old one, 4 the new one; its digits and 00 go to pin, room bytes.
 * 0; -31 when the holder cancels, -32 when nothing comes. */
typedef long (*SSCardDriver_PinCallback)(int prompt, char *pin, int room);

/* The text of an SSCardDriver.toml, UTF-8; NULL has the file looked for again. */
long SSCARD_DRIVER_CALL SSCardDriver_Configure(char *pToml);
/* NULL takes it away. */
long SSCARD_DRIVER_CALL SSCardDriver_SetPinCallback(SSCardDriver_PinCallback callback);
/* What happened in this thread's last function that failed, in English, cut to the room there is. */
long SSCARD_DRIVER_CALL SSCardDriver_LastError(char *pText, int iRoom);

#ifdef __cplusplus
}
#endif

#endif
